-- Guest or login checkout: while it is on, the core offers logins as each channel says. What is
-- decided here is that a channel for customers with an account sells to nobody else, however the
-- request was made.

local function place_check(input)
  if input.order.login_missing then
    return { refuse = { code = "login", text = translate.text("refused") } }
  end
  return nil
end

return { hooks = { place_check = place_check } }
