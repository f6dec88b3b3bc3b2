-- Customer categories (C4): groups of customers with prices of their own, until a day. Of several
-- that somebody is in, the best price counts, line by line, and the basket says why. What a price
-- was made with is checked again in the sale's own unit.

local NAME = "customer-categories"
local OFFICE = "/manage/x/customer-categories/"
local NAME_MAX = 60

-- What isn't there is null, in the database and in JSON.
local function or_null(v)
  return v == nil and null or v
end

local function zone()
  return site.info().time_zone
end

---- Prices

local function has(list, slug)
  for _, one in ipairs(list or {}) do
    if one == slug then
      return true
    end
  end
  return false
end

-- What a category takes off a line.
local function off_of(term, line)
  if term.kind == "prices" then
    for _, price in ipairs(term.prices or {}) do
      if price.offer == line.offer and price.rate == line.rate then
        return line.net_minor - money.multiply(price.minor, line.quantity)
      end
    end
    return 0
  elseif not term.every_offer and not has(term.offers, line.offer) then
    return 0
  elseif term.kind == "percent" then
    return money.share(line.net_minor, term.value)
  end
  return math.min(money.multiply(term.value, line.quantity), line.net_minor)
end

local function size_of(category)
  if category.kind == "percent" then
    return "−" .. format.percent(category.value)
  elseif category.kind == "amount" then
    return translate.text("size.amount", { amount = format.money(category.value) })
  end
  return translate.text("size.prices")
end

local function membership(term)
  local name = translate.choose(term.name)
  if term.until_us then
    return translate.text("member.until", { name = name, date = format.date(term.until_us) })
  end
  return name
end

-- Of those that apply, the best and why it is this one.
local function best_of(terms, line)
  local best, most, names = nil, 0, {}
  for _, term in ipairs(terms) do
    local off = off_of(term, line)
    if off > 0 then
      names[#names + 1] = translate.choose(term.name)
      if off > most then
        best, most = term, off
      end
    end
  end
  if not best then
    return nil
  end
  local why = translate.text("why.one", { category = membership(best) })
  if #names > 1 then
    why = translate.text("why.best", { category = membership(best), all = table.concat(names, ", ") })
  end
  return {
    source = NAME, code = best.id, version = best.version, minor = -most, why = why,
    label = translate.choose(best.name),
  }
end

local function price_member(input)
  if not input.order.customer_id then
    return nil
  end
  local terms = db.read("terms_of", input.order.customer_id, time.now(), zone())
  if #terms == 0 then
    return nil
  end
  for _, line in ipairs(input.lines) do
    line.discounts[#line.discounts + 1] = best_of(terms, line)
  end
  return input
end

local function place_check(input)
  local guards, seen = {}, {}
  for _, line in ipairs(input.lines) do
    for _, d in ipairs(line.discounts) do
      if d.source == NAME and not seen[d.code] then
        seen[d.code] = true
        guards[#guards + 1] = {
          "still_member", or_null(input.order.customer_id), d.code, d.version, time.now(), zone(),
        }
      end
    end
  end
  return #guards > 0 and { guards = guards } or nil
end

local function account_home(input)
  local list = {}
  for i, term in ipairs(db.read("terms_of", input.customer_id, time.now(), zone())) do
    list[i] = membership(term)
  end
  if #list == 0 then
    return {}
  end
  return { { title = translate.text("card.title"), text = table.concat(list, ", ") } }
end

---- In the office: categories

local function list(req)
  local archived = req.form.show == "archived"
  local items = {}
  for i, row in ipairs(db.read("categories", archived)) do
    items[i] = {
      id = row.id,
      name = translate.choose(row.name),
      kind = row.kind,
      size = size_of(row),
      every_offer = row.every_offer or row.kind == "prices",
      members = row.members,
      edit_url = site.url(OFFICE .. row.id),
      members_url = site.url("/manage/customers") .. "?with_customer-categories.category=" .. row.id,
    }
  end
  response.page(200, "list", {
    items = items,
    has_items = #items > 0,
    archived = archived,
    list_url = site.url(OFFICE),
    archived_url = site.url(OFFICE) .. "?show=archived",
    new_url = site.url(OFFICE .. "new"),
  })
end

local function amount_text(minor)
  return money.typed(minor, site.info().currency)
end

local function typed_value(category)
  if category.kind == "amount" then
    return amount_text(category.value)
  elseif category.kind == "percent" then
    return money.typed_share(category.value)
  end
  return ""
end

local function choices(chosen)
  local items = {}
  for i, row in ipairs(db.read("offers")) do
    items[i] = { slug = row.slug, title = translate.choose(row.title), checked = has(chosen, row.slug) }
  end
  return items
end

local function name_fields(kept, errors)
  local fields = {}
  for i, language in ipairs(site.info().languages) do
    local id = "name_" .. language
    fields[i] = {
      id = id,
      title = translate.text("field." .. id),
      value = kept[id] or "",
      words_lang = language,
      len_max = NAME_MAX,
      is_line = true,
      required = i == 1,
      error = errors[id],
    }
  end
  return fields
end

local function rates_of(category)
  local items = {}
  for i, row in ipairs(db.read("rates", category.id)) do
    items[i] = {
      id = row.id,
      title = translate.choose(row.title),
      rate = translate.choose(row.name),
      base = { minor = row.price_minor, text = format.money(row.price_minor) },
      price = row.own_minor and amount_text(row.own_minor) or "",
    }
  end
  return items
end

-- `kept` are the form's fields as they stand or were typed.
local function form_view(category, kept, errors)
  local path = OFFICE .. (category.id or "new")
  local rates = category.id and category.kind == "prices" and rates_of(category) or {}
  return {
    id = category.id,
    name = category.name and translate.choose(category.name),
    version = category.version,
    archived = category.archived or false,
    names = name_fields(kept, errors),
    value = kept.value or "",
    value_error = errors.value,
    currency = site.info().currency,
    is_percent = kept.kind ~= "amount" and kept.kind ~= "prices",
    is_amount = kept.kind == "amount",
    is_prices = kept.kind == "prices",
    for_all = kept.applies ~= "some",
    for_some = kept.applies == "some",
    applies_error = errors.applies,
    offers = choices(kept.chosen),
    rates = rates,
    has_rates = #rates > 0,
    price_action = site.url(path .. "/prices"),
    action = site.url(path),
    list_url = site.url(OFFICE),
    archive_url = category.id and site.url(path .. (category.archived and "/restore" or "/archive")),
  }
end

local function kept_of(category)
  local kept = {
    kind = category.kind,
    value = typed_value(category),
    applies = category.every_offer and "all" or "some",
    chosen = category.offers,
  }
  for _, language in ipairs(site.info().languages) do
    kept["name_" .. language] = category.name[language]
  end
  return kept
end

local function chosen_of(typed)
  local chosen = {}
  for _, offer in ipairs(typed.offers or {}) do
    if offer.count > 0 then
      chosen[#chosen + 1] = offer.key
    end
  end
  return chosen
end

-- Languages that the site speaks no more keep their words.
local function read_names(typed, old, errors)
  local names = {}
  for language, said in pairs(old or {}) do
    names[language] = said
  end
  for i, language in ipairs(site.info().languages) do
    local id = "name_" .. language
    local said = text.trim(typed[id] or "")
    names[language] = said ~= "" and said or nil
    if i == 1 and said == "" then
      errors[id] = translate.text("invalid.name")
    elseif text.length(said) > NAME_MAX then
      errors[id] = translate.text("invalid.long", { most = NAME_MAX })
    end
  end
  return json.object(names)
end

-- What was typed as it is kept, and the refusals by field.
local function read(typed, category)
  local errors = {}
  local kept = { kind = typed.kind or "percent", chosen = chosen_of(typed) }
  kept.name = read_names(typed, category.name, errors)
  if kept.kind == "percent" then
    kept.value = money.parse_share(typed.value or "")
    errors.value = not kept.value and translate.text("invalid.percent") or nil
  elseif kept.kind == "amount" then
    local minor = money.parse(typed.value or "", site.info().currency)
    kept.value = minor and minor > 0 and minor or nil
    errors.value = not kept.value and translate.text("invalid.amount") or nil
  end
  kept.every_offer = kept.kind == "prices" or typed.applies ~= "some"
  if not kept.every_offer and #kept.chosen == 0 then
    errors.applies = translate.text("invalid.offers")
  end
  return kept, errors
end

local function show_refused(category, typed, errors)
  local kept = { kind = typed.kind, value = typed.value, applies = typed.applies, chosen = chosen_of(typed) }
  for _, language in ipairs(site.info().languages) do
    kept["name_" .. language] = typed["name_" .. language]
  end
  response.invalid("edit", form_view(category, kept, errors), errors)
end

-- As the history says it.
local function described(c)
  local titles = {}
  for _, offer in ipairs(c.every_offer and {} or choices(c.chosen or c.offers)) do
    titles[#titles + 1] = offer.checked and offer.title or nil
  end
  local v = {
    kind = c.kind,
    value_ppm = c.kind == "percent" and c.value or nil,
    value_minor = c.kind == "amount" and c.value or nil,
    every_offer = c.every_offer,
    offers = titles,
  }
  for language, said in pairs(c.name) do
    v["name_" .. language] = said
  end
  return v
end

local function form_new()
  response.page(200, "edit", form_view({}, {}, {}))
end

local function offer_steps(id, kept, steps)
  steps[#steps + 1] = { "clear_offers", id }
  if not kept.every_offer then
    steps[#steps + 1] = { "add_offers", id, kept.chosen }
  end
  return steps
end

local function create(req)
  local kept, errors = read(req.form, {})
  if req.refused or next(errors) then
    return show_refused({}, req.form, errors)
  end
  local id = db.write({ { "next_id" } })[1][1].id
  db.write(offer_steps(id, kept, {
    { "insert_category", id, kept.name, kept.kind, or_null(kept.value), kept.every_offer, time.now() },
    { audit = "create", object = id, after = described(kept) },
  }))
  response.done(201, kept.kind == "prices" and OFFICE .. id or OFFICE, { id = id })
end

local function form_edit(req)
  local category = response.found("category", req.params[1])
  if category then
    response.page(200, "edit", form_view(category, kept_of(category), {}))
  end
end

local function save(req)
  local category = response.found("category", req.params[1])
  if not category then
    return
  end
  local kept, errors = read(req.form, category)
  if req.refused or next(errors) then
    return show_refused(category, req.form, errors)
  end
  local done = db.write(offer_steps(category.id, kept, {
    {
      "update_category", category.id, req.form.version, kept.name, kept.kind, or_null(kept.value),
      kept.every_offer,
    },
    { audit = "change", object = category.id, before = described(category), after = described(kept) },
  }))
  if not done then
    local first = "name_" .. site.info().languages[1]
    return show_refused(category, req.form, { [first] = translate.text("invalid.changed") })
  end
  response.done(200, kept.kind == "prices" and OFFICE .. category.id or OFFICE, { id = category.id })
end

-- The category's own price of a rate; empty: it has none.
local function set_price(req)
  local category = response.found("category", req.params[1])
  if not category then
    return
  end
  local rate, found = text.number(req.form.rate), nil
  for _, item in ipairs(rates_of(category)) do
    found = item.id == rate and item or found
  end
  if not found or category.kind ~= "prices" then
    return response.problem("not_found")
  end
  local typed = text.trim(req.form.price or "")
  local minor = typed ~= "" and money.parse(typed, site.info().currency) or nil
  if typed ~= "" and (not minor or minor < 0) then
    local said = translate.text("invalid.price", { rate = found.title .. ", " .. found.rate })
    form.refuse("price-" .. rate, said)
    local view = form_view(category, kept_of(category), {})
    for _, item in ipairs(view.rates) do
      if item.id == rate then
        item.price, item.error = typed, said
      end
    end
    return response.invalid("edit", view)
  end
  local named = { rate = found.title .. ", " .. found.rate }
  db.write({
    minor and { "set_price", category.id, rate, minor } or { "clear_price", category.id, rate },
    { "raise_version", category.id },
    {
      audit = "price", object = category.id, before = { rate = named.rate, price = found.price },
      after = { rate = named.rate, price = minor and amount_text(minor) or "" },
    },
  })
  response.done(200, OFFICE .. category.id, { id = category.id })
end

local function set_archived(req, archived)
  local category = response.found("category", req.params[1])
  if not category then
    return
  end
  db.write({
    { "set_archived", category.id, archived },
    { audit = archived and "archive" or "restore", object = category.id },
  })
  response.done(200, OFFICE, { id = category.id })
end

local function archive(req)
  set_archived(req, true)
end

local function restore(req)
  set_archived(req, false)
end

---- In the office: one customer

local function person_view(req, typed, errors)
  local member, items, choose = {}, {}, {}
  for i, row in ipairs(db.read("members_of", req.customer.id, time.now(), zone())) do
    member[row.id] = true
    items[i] = {
      id = row.id,
      name = translate.choose(row.name),
      archived = row.archived,
      over = row.over,
      ["until"] = or_null(row["until"]),
      until_text = row.until_us and format.date(row.until_us) or null,
      since_text = format.date(row.since_us),
    }
  end
  for i, row in ipairs(db.read("categories", false)) do
    choose[i] = {
      id = row.id, name = translate.choose(row.name), size = size_of(row),
      chosen = typed and typed.category == row.id or false,
    }
  end
  local here = site.url(OFFICE .. "customers/" .. req.customer.id)
  return {
    items = items,
    has_items = #items > 0,
    choices = choose,
    has_choices = #choose > 0,
    typed_until = typed and typed["until"] or "",
    category_error = errors and errors.category,
    until_error = errors and errors["until"],
    action = here,
    out_action = here .. "/out",
    categories_url = site.url(OFFICE),
  }
end

local function person(req)
  response.page(200, "person", person_view(req))
end

local function refuse_person(req, errors)
  response.invalid("person", person_view(req, req.form, errors), errors)
end

local function name_of(category)
  local row = text.number(category) and db.read("category", category)[1]
  return row and translate.choose(row.name), row
end

-- The day that the clock of the venue shows.
local function is_past(day)
  local rows = db.read("today", time.now(), zone())
  return day < rows[1].today
end

local function put(req)
  local errors = {}
  local name, category = name_of(req.form.category)
  if not category or category.archived then
    errors.category = translate.text("invalid.category")
  end
  if req.form["until"] and is_past(req.form["until"]) then
    errors["until"] = translate.text("invalid.past")
  end
  if req.refused or next(errors) then
    return refuse_person(req, errors)
  end
  local before
  for _, row in ipairs(db.read("members_of", req.customer.id, time.now(), zone())) do
    if row.id == category.id then
      before = { category = name, until_date = row["until"] }
    end
  end
  local done = db.write({
    { "put", req.customer.id, category.id, or_null(req.form["until"]), time.now() },
    {
      audit = before and "move" or "put", object = req.customer.id, before = before,
      after = { category = name, until_date = req.form["until"] },
    },
  })
  if not done then
    return refuse_person(req, { category = translate.text("invalid.category") })
  end
  response.done(200, OFFICE .. "customers/" .. req.customer.id, { id = category.id })
end

local function take_out(req)
  local name, category = name_of(req.form.category)
  if not category then
    return response.problem("not_found")
  end
  -- The second of two clicks finds it done.
  db.write({
    { "take_out", req.customer.id, category.id },
    { audit = "out", object = req.customer.id, before = { category = name } },
  })
  response.done(200, OFFICE .. "customers/" .. req.customer.id, { id = category.id })
end

local function customer_filters()
  local options = {}
  for i, row in ipairs(db.read("categories", false)) do
    options[i] = { value = row.id, label = translate.choose(row.name) }
  end
  return {
    {
      name = "category", title = translate.text("filter.title"), all = translate.text("filter.all"),
      options = options, statement = "customers_of",
    },
  }
end

-- Categories as groups of customers, for who brings many of them: an import.
local function customer_groups(input)
  local groups, members = {}, {}
  for _, row in ipairs(#input.customers > 0 and db.read("members_among", input.customers) or {}) do
    local list = members[row.category] or {}
    list[#list + 1] = { customer = row.customer, ["until"] = row["until"] }
    members[row.category] = list
  end
  for i, row in ipairs(db.read("categories", false)) do
    local names = {}
    for _, said in pairs(row.name) do
      names[#names + 1] = said
    end
    groups[i] = { id = row.id, names = names, members = members[row.id] or {} }
  end
  return groups
end

-- What the categories' names are, and who of those that move is in which until when.
local function known_of(input)
  local names, was, ids = {}, {}, {}
  for _, row in ipairs(db.read("categories", false)) do
    names[row.id] = translate.choose(row.name)
  end
  for _, list in ipairs({ input.puts, input.outs }) do
    for _, move in ipairs(list) do
      ids[#ids + 1] = move.customer
    end
  end
  for _, row in ipairs(db.read("members_among", ids)) do
    was[row.category .. " " .. row.customer] = { category = names[row.category], until_date = row["until"] }
  end
  return names, was
end

local function customer_regroup(input)
  local guards, audits = {}, {}
  local names, was = known_of(input)
  for _, move in ipairs(input.outs) do
    local before = was[move.group .. " " .. move.customer]
    if before then
      audits[#audits + 1] = { audit = "out", object = move.customer, before = { category = before.category } }
    end
  end
  for _, move in ipairs(input.puts) do
    local before = was[move.group .. " " .. move.customer]
    if names[move.group] then
      audits[#audits + 1] = {
        audit = before and "move" or "put", object = move.customer, before = before,
        after = { category = names[move.group], until_date = move["until"] },
      }
    end
  end
  if #input.outs > 0 then
    guards[#guards + 1] = { "take_out_all", input.outs }
  end
  if #input.puts > 0 then
    guards[#guards + 1] = { "put_all", input.puts, time.now() }
  end
  return { guards = guards, audits = audits }
end

-- Into a category and out of it, many at once; archived ones take nobody in.
local function customer_actions()
  local options = customer_filters()[1].options
  local function action(name, gives)
    return {
      name = name, title = translate.text("many." .. name), choose = translate.text("field.category"),
      day = gives and translate.text("many.until") or nil, options = options, gives = gives,
      field = "category", day_field = "until_date",
      audit = name, audit_back = gives and "out" or "put",
      look = "look_" .. name, apply = gives and "put_many" or "out_many", back = "back_many",
      why = {
        ["in"] = translate.text("many.in"), out = translate.text("many.not_in"),
        past = translate.text("invalid.past"),
      },
    }
  end
  return { action("put", true), action("out", false) }
end

return {
  hooks = {
    customer_groups = customer_groups,
    customer_regroup = customer_regroup,
    customer_actions = customer_actions,
    price_member = price_member,
    place_check = place_check,
    account_home = account_home,
    customer_filters = customer_filters,
    customer_tabs = function(input)
      return { { title = translate.text("tab"), path = OFFICE .. "customers/" .. input.customer_id } }
    end,
    switched_on = function(input)
      for _, c in ipairs(input.seed or {}) do
        local value = c.kind == "percent" and c.value * 10000 or c.value
        db.write({ { "seed_category", c.code, c.name, c.kind, or_null(value), or_null(c.offers), time.now() } })
      end
    end,
  },
  routes = {
    list = list,
    form_new = form_new,
    create = create,
    form_edit = form_edit,
    save = save,
    set_price = set_price,
    archive = archive,
    restore = restore,
    person = person,
    put = put,
    take_out = take_out,
  },
}
