-- Coupons: codes that take a percentage or an amount off. A code that is typed into the basket is
-- kept with the order as it is then (data.coupons); when the order is placed or goes to payment,
-- guarded statements make sure that it may still be used, so the last use goes to one buyer.

local PAGE = 50
local SECOND_US = 1000000

-- Typed with or without spaces, dashes and capitals, it is the same code.
local function fold(code)
  return (text.fold(code):gsub("[%s%-]+", ""))
end

local function refuse(code, args)
  return { refuse = { code = code, text = translate.text("refusal." .. code, args) } }
end

local function size_of(coupon)
  return coupon.kind == "percent" and format.percent(coupon.value) or format.money(coupon.value)
end

-- Which lines it applies to. `offers` absent: all of them.
local function eligible(coupon, lines)
  local allowed, found = {}, {}
  for _, slug in ipairs(coupon.offers or {}) do
    allowed[slug] = true
  end
  for _, line in ipairs(lines) do
    if not coupon.offers or allowed[line.offer] then
      found[#found + 1] = line
    end
  end
  return found
end

---- In the basket

local function basket_fields(input)
  local kept = input.order.data and input.order.data.coupons
  if not kept then
    return { { key = "coupon" } }
  end
  return { { key = "coupon", applied = { { code = kept.code, label = "−" .. size_of(kept) } } } }
end

-- Why a coupon can't be used for these lines now, if so.
local function refusal_of(coupon, lines)
  if not coupon then
    return refuse("unknown")
  elseif coupon.archived then
    return refuse("archived")
  elseif coupon.is_early then
    return refuse("early_from", { date = format.date(coupon.from_us) })
  elseif coupon.is_late then
    return refuse("late_since", { date = format.date(coupon.to_us) })
  elseif coupon.uses and coupon.used >= coupon.uses then
    return refuse("used_up")
  elseif coupon.per_buyer and coupon.used_by_buyer >= coupon.per_buyer then
    return refuse("used_by_you")
  elseif #eligible(coupon, lines) == 0 then
    return refuse("other_offers")
  end
end

local function basket_apply(input)
  local allowed, wait = attempts.take("code", input.address, 30, 600)
  if not allowed then
    local refused = refuse("too_many", { minutes = (wait + 59) // 60 })
    refused.refuse.wait_s = wait
    return refused
  end
  -- The same statement and as much work for a code that nobody has.
  local coupon = db.read("coupon_by_code", fold(input.code), time.now(), site.info().time_zone,
    text.fold(input.order.email or ""), input.order.id)[1]
  if coupon and not coupon.every_offer then
    coupon.offers = coupon.offers or {}
  end
  local refused = refusal_of(coupon, input.lines)
  if refused then
    return refused
  end
  return {
    data = {
      coupon = tostring(coupon.coupon_id),
      code = coupon.code,
      kind = coupon.kind,
      value = coupon.value,
      offers = coupon.offers,
      ends_us = coupon.ends_us,
    },
  }
end

---- Prices

-- What it takes off each line: a percentage is rounded once a line, an amount falls on the lines in
-- proportion to what they cost, to the cent.
local function shares_of(coupon, lines)
  local costs, shares, sum = {}, {}, 0
  for i, line in ipairs(lines) do
    costs[i] = line.net_minor
    sum = money.add(sum, line.net_minor)
    shares[i] = coupon.kind == "percent" and money.share(line.net_minor, coupon.value) or 0
  end
  if coupon.kind == "percent" or sum == 0 then
    return shares
  end
  return money.split(math.min(coupon.value, sum), costs)
end

local function price_coupon(input)
  local kept = input.order.data and input.order.data.coupons
  if not kept or (kept.ends_us and kept.ends_us <= time.now() * SECOND_US) then
    return nil
  end
  local lines = eligible(kept, input.lines)
  local label = kept.kind == "percent"
      and translate.text("label.percent", { code = kept.code, share = size_of(kept) })
    or translate.text("label.amount", { code = kept.code })
  for i, share in ipairs(shares_of(kept, lines)) do
    lines[i].discounts = { { source = "coupons", code = kept.code, label = label, minor = -share } }
  end
  return input
end

local function place_check(input)
  local kept = input.order.data and input.order.data.coupons
  if not kept then
    return nil
  end
  return {
    guards = {
      { "lock", kept.coupon },
      {
        "redeem", kept.coupon, input.order.id, text.fold(input.order.email or ""), time.now(),
        site.info().time_zone,
      },
    },
  }
end

---- In the office

-- What isn't there is null, in the database and in JSON.
local function or_null(v)
  return v == nil and null or v
end

local function number(s)
  return or_null(s and tonumber(s))
end

local function parse_amount(typed)
  local minor = money.parse(typed, site.info().currency)
  return minor and minor > 0 and minor or nil
end

local function typed_value(coupon)
  if coupon.kind == "amount" then
    return money.typed(coupon.value, site.info().currency)
  end
  return money.typed_share(coupon.value)
end

-- A date range as people read it; both ends may be open.
local function period(coupon)
  local from = coupon.from_us and format.date(coupon.from_us)
  local to = coupon.to_us and format.date(coupon.to_us)
  if from and to then
    return translate.text("period.both", { from = from, to = to })
  elseif from then
    return translate.text("period.from", { from = from })
  elseif to then
    return translate.text("period.to", { to = to })
  end
  return translate.text("period.always")
end

local tones = { running = "on", early = "waiting", used_up = "closing", late = "off", archived = "off" }

local function list(req)
  local archived = req.form.show == "archived"
  local rows = db.read("coupons", archived, number(req.form.before), time.now(),
    site.info().time_zone)
  local items = {}
  for i = 1, math.min(#rows, PAGE) do
    local row = rows[i]
    items[i] = {
      id = row.id,
      code = row.code,
      kind = row.kind,
      value = row.value,
      size = "−" .. size_of(row),
      period = period(row),
      state = row.state,
      tone = tones[row.state],
      used = row.used,
      uses = or_null(row.uses),
      per_buyer = or_null(row.per_buyer),
      every_offer = row.every_offer,
      note = or_null(row.note ~= "" and row.note or nil),
      edit_url = site.url("/manage/x/coupons/" .. row.id),
    }
  end
  local next_url
  if #rows > PAGE then
    next_url = site.url("/manage/x/coupons/") .. "?before=" .. items[PAGE].id
      .. (archived and "&show=archived" or "")
  end
  response.page(200, "list", {
    items = items,
    has_items = #items > 0,
    archived = archived,
    next = or_null(next_url),
    list_url = site.url("/manage/x/coupons/"),
    archived_url = site.url("/manage/x/coupons/") .. "?show=archived",
    new_url = site.url("/manage/x/coupons/new"),
    report_url = site.url("/manage/x/coupons/report"),
  })
end

-- Fields as the form shows them: {name: {value}}.
local function form_of(coupon)
  local fields = {}
  for name, value in pairs({
    code = coupon.code,
    kind = coupon.kind,
    value = coupon.value and typed_value(coupon),
    from = coupon.from,
    to = coupon.to,
    uses = coupon.uses,
    per_buyer = coupon.per_buyer,
    note = coupon.note,
  }) do
    fields[name] = { value = tostring(value) }
  end
  return fields
end

local function choices(coupon, given)
  local chosen, items = {}, {}
  for _, slug in ipairs(coupon.offers or {}) do
    chosen[slug] = true
  end
  for _, offer in ipairs(given or {}) do
    chosen[offer.key] = offer.count > 0
  end
  for i, row in ipairs(db.read("offers")) do
    items[i] = {
      slug = row.slug,
      title = translate.choose(row.title),
      checked = chosen[row.slug] or false,
    }
  end
  return items
end

-- `given` is what was typed, when it was refused.
local function form_view(coupon, given)
  local kind = given and given.kind or coupon.kind or "percent"
  local applies = given and given.applies or (coupon.every_offer == false and "some" or "all")
  local path = "/manage/x/coupons/" .. (coupon.id or "new")
  return {
    id = coupon.id,
    name = coupon.code,
    version = coupon.version,
    archived = coupon.archived,
    currency = site.info().currency,
    action = site.url(path),
    list_url = site.url("/manage/x/coupons/"),
    archive_url = coupon.id and site.url(path .. (coupon.archived and "/restore" or "/archive")),
    is_percent = kind == "percent",
    is_amount = kind == "amount",
    for_all = applies == "all",
    for_some = applies == "some",
    offers = choices(coupon, given and given.offers),
    form = not given and form_of(coupon) or nil,
  }
end

local function show_refused(coupon, typed)
  response.invalid("edit", form_view(coupon, typed))
end

-- What was typed, as it is kept; nil with a refusal beside a field.
local function read(typed)
  local kept = { code = text.trim(typed.code or ""), folded = fold(typed.code or "") }
  local good = true
  local function check(ok, field, key)
    if not ok then
      form.refuse(field, translate.text("invalid." .. key))
      good = false
    end
  end
  if typed.code then
    check(kept.folded:match("^[%w_.]+$") and #kept.folded >= 3, "code", "code")
  end
  if typed.value then
    kept.value = typed.kind == "amount" and parse_amount(typed.value) or nil
    if typed.kind ~= "amount" then
      kept.value = money.parse_share(typed.value)
    end
    check(kept.value, "value", typed.kind == "amount" and "amount" or "percent")
  end
  if typed.from and typed.to then
    check(typed.from <= typed.to, "to", "to")
  end
  kept.offers = {}
  for _, offer in ipairs(typed.offers or {}) do
    if offer.count > 0 then
      kept.offers[#kept.offers + 1] = offer.key
    end
  end
  if typed.applies == "some" then
    check(#kept.offers > 0, "applies", "offers")
  end
  return good and kept or nil
end

-- A coupon as its history says it, with the titles that the offers have now.
local function described(c)
  local titles = {}
  for _, offer in ipairs(choices({ offers = not c.every_offer and c.offers or {} })) do
    titles[#titles + 1] = offer.checked and offer.title or nil
  end
  return {
    code = c.code,
    value_ppm = c.kind == "percent" and c.value or nil,
    value_minor = c.kind == "amount" and c.value or nil,
    from_date = c.from,
    to_date = c.to,
    uses = c.uses,
    per_buyer = c.per_buyer,
    every_offer = c.every_offer,
    offers = titles,
    note = c.note,
  }
end

local function described_typed(typed, kept)
  return described({
    code = kept.code,
    kind = typed.kind,
    value = kept.value,
    from = typed.from,
    to = typed.to,
    uses = typed.uses,
    per_buyer = typed.per_buyer,
    every_offer = typed.applies == "all",
    offers = kept.offers,
    note = typed.note,
  })
end

-- The steps that both creating and saving end with.
local function offer_steps(typed, kept, steps)
  steps[#steps + 1] = { "clear_offers", kept.folded }
  if typed.applies == "some" then
    steps[#steps + 1] = { "add_offers", kept.folded, kept.offers }
  end
  return steps
end

local function write(req, coupon, kept, steps)
  local done, code = db.write(offer_steps(req.form, kept, steps))
  if done then
    response.done(coupon.id and 200 or 201, "/manage/x/coupons/", { code = kept.code })
  elseif code == "conflict" then
    form.refuse("code", translate.text("invalid.taken"))
    show_refused(coupon, req.form)
  else
    form.refuse("code", translate.text("invalid.changed"))
    show_refused(coupon, req.form)
  end
end

local function form_new()
  response.page(200, "edit", form_view({}))
end

local function create(req)
  local typed = req.form
  local kept = read(typed)
  if req.refused or not kept then
    return show_refused({}, typed)
  end
  local id = db.write({ { "next_id" } })[1][1].id
  write(req, {}, kept, {
    {
      "insert_coupon", id, kept.code, kept.folded, typed.kind, kept.value, or_null(typed.from),
      or_null(typed.to), or_null(typed.uses), or_null(typed.per_buyer), typed.applies == "all",
      typed.note or "", time.now(),
    },
    { audit = "create", object = id, after = described_typed(typed, kept) },
  })
end

local function form_edit(req)
  local coupon = response.found("coupon", req.params[1])
  if coupon then
    response.page(200, "edit", form_view(coupon))
  end
end

local function save(req)
  local coupon, typed = response.found("coupon", req.params[1]), req.form
  if not coupon then
    return
  end
  local kept = read(typed)
  if req.refused or not kept then
    return show_refused(coupon, typed)
  end
  write(req, coupon, kept, {
    {
      "update_coupon", coupon.id, typed.version, kept.code, kept.folded, typed.kind, kept.value,
      or_null(typed.from), or_null(typed.to), or_null(typed.uses), or_null(typed.per_buyer),
      typed.applies == "all", typed.note or "",
    },
    {
      audit = "change", object = coupon.id, before = described(coupon),
      after = described_typed(typed, kept),
    },
  })
end

local function set_archived(req, archived)
  local coupon = response.found("coupon", req.params[1])
  if not coupon then
    return
  end
  db.write({
    { "set_archived", coupon.id, archived },
    { audit = archived and "archive" or "restore", object = coupon.id },
  })
  response.done(200, "/manage/x/coupons/", { code = coupon.code })
end

local function archive(req)
  set_archived(req, true)
end

local function restore(req)
  set_archived(req, false)
end

local function report(req)
  local days = db.read("last_days", time.now())[1]
  local from, to = req.form.from or days.from, req.form.to or days.to
  local rows = from <= to and db.read("report", from, to, site.info().time_zone) or {}
  local items, orders, discount, total = {}, 0, 0, 0
  for i, row in ipairs(rows) do
    items[i] = {
      code = row.code,
      url = site.url("/manage/x/coupons/" .. row.id),
      orders = row.orders,
      buyers = row.buyers,
      discount = { minor = row.discount_minor, text = format.money(row.discount_minor) },
      total = { minor = row.total_minor, text = format.money(row.total_minor) },
    }
    orders = orders + row.orders
    discount = discount + row.discount_minor
    total = total + row.total_minor
  end
  local view = {
    items = items,
    has_items = #items > 0,
    from = from,
    to = to,
    sum = {
      orders = orders,
      discount = { minor = discount, text = format.money(discount) },
      total = { minor = total, text = format.money(total) },
    },
    action = site.url("/manage/x/coupons/report"),
    list_url = site.url("/manage/x/coupons/"),
  }
  if req.refused then
    response.invalid("report", view)
  else
    response.page(200, "report", view)
  end
end

---- What a blueprint or a demo site brings

local function switched_on(input)
  for _, c in ipairs(input.seed or {}) do
    local folded = fold(c.code)
    local steps = {
      {
        "seed_coupon", c.code, folded, c.kind, c.kind == "percent" and c.value * 10000 or c.value,
        or_null(c.from), or_null(c.to), or_null(c.uses), or_null(c.per_buyer), not c.offers,
        time.now(),
      },
    }
    if c.offers then
      steps[2] = { "add_offers", folded, c.offers }
    end
    db.write(steps)
  end
end

return {
  hooks = {
    basket_fields = basket_fields,
    basket_apply = basket_apply,
    price_coupon = price_coupon,
    place_check = place_check,
    baskets_forgotten = function(input)
      db.write({ { "forget_buyers", input.order_ids } })
    end,
    switched_on = switched_on,
  },
  routes = {
    list = list,
    form_new = form_new,
    create = create,
    form_edit = form_edit,
    save = save,
    archive = archive,
    restore = restore,
    report = report,
  },
}
