-- Five fields in, three out: what it costs is the call.

local function price_member(input)
  return {
    id = input.id,
    minor = input.net_minor - input.minor,
    text = input.code .. "-" .. input.currency,
  }
end

return { hooks = { price_member = price_member } }
