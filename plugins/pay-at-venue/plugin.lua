-- Paying at the venue: a tender that takes no money now. The core places the order and keeps the
-- amount due.

local function tenders(input)
  local most = settings.get("most")
  if most > 0 and input.order.total_minor > most then
    return {}
  end
  local own = settings.get("text_" .. site.info().language)
  return {
    {
      key = "venue",
      kind = "venue",
      title = translate.text("tender"),
      text = own ~= "" and own or translate.text("tender.text"),
    },
  }
end

return { hooks = { tenders = tenders } }
