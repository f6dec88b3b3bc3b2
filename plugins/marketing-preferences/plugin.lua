-- Marketing preferences (T8, T9): what the venue may write to people about, one tick box each. What
-- they say goes into a log that is only added to, with the words that they read and where they said
-- it. A link in every mail of that kind ends it without a login.

local BASE = "/x/marketing-preferences/"
local OFFICE = "/manage/x/marketing-preferences/"
local TITLE_MAX, TEXT_MAX, SHOWN, ASKED_MAX = 80, 500, 50, 60

-- What isn't there is null, in the database and in JSON.
local function or_null(v)
  return v == nil and null or v
end

local function moment(at_us)
  return at_us and { at = time.text(at_us // 1000000), text = format.time(at_us) } or null
end

---- Saying yes and no

-- What a form says: {id, given, version} of every preference that it showed, so that what was added
-- since isn't taken for a no. Programs do the same in `shown`.
local function wishes(form)
  local by_id, list = {}, {}
  local function wish(key)
    if text.number(key) and not by_id[key] and #list < ASKED_MAX then
      by_id[key] = { id = key, given = false }
      list[#list + 1] = by_id[key]
    end
    return by_id[key] or {}
  end
  for _, shown in ipairs(form.shown or {}) do
    wish(shown.key).version = shown.count
  end
  for _, ticked in ipairs(form.preferences or {}) do
    wish(ticked.key).given = ticked.count > 0
  end
  -- Two tabs take them in one order.
  table.sort(list, function(a, b)
    return #a.id == #b.id and a.id < b.id or #a.id < #b.id
  end)
  return list
end

local function say_step(customer_id, wish, source, note)
  return {
    "say", customer_id, wish.id, wish.given, or_null(wish.version), site.info().language, source,
    note or "", time.now(),
  }
end

-- How many were news, and which of them nobody is asked any more; nil when the person is gone.
local function say(steps, list)
  local rows = db.write(steps)
  if not rows then
    return nil
  end
  local changed, gone = 0, {}
  for i, wish in ipairs(list) do
    local said = rows[i][1]
    changed = changed + (said.changed and 1 or 0)
    if not said.known then
      gone[#gone + 1] = wish.id
    end
  end
  return changed, gone
end

---- The account

-- What is offered, and what was agreed to and is offered no more.
local function choices_of(customer_id, language)
  local items = {}
  for _, row in ipairs(db.read("choices_of", customer_id)) do
    items[#items + 1] = (row.active or row.given) and {
      id = row.id,
      version = row.text_version,
      title = translate.choose(row.title, language),
      text = translate.choose(row.body, language),
      given = row.given,
      offered = row.active,
      since = row.given and moment(row.at_us) or null,
    } or nil
  end
  return items
end

local function notices_of(form)
  local notices = {}
  if form.done then
    local kind = form.done == "same" and "info" or "success"
    notices[1] = { kind = kind, text = translate.text("done." .. form.done) }
  end
  if form.gone and form.gone > 0 then
    notices[#notices + 1] = { kind = "info", text = translate.text("gone", { count = form.gone }) }
  end
  return notices
end

local function account_view(req)
  local items = choices_of(req.customer.id)
  return {
    preferences = items,
    has_preferences = #items > 0,
    action = site.url(BASE),
    notices = not req.wants_json and notices_of(req.form) or nil,
  }
end

local function account(req)
  response.page(200, "account", account_view(req))
end

local function account_save(req)
  if req.refused then
    return response.invalid("account", account_view(req))
  end
  local list, steps = wishes(req.form), {}
  for i, wish in ipairs(list) do
    steps[i] = say_step(req.customer.id, wish, "account")
  end
  if #list == 0 then
    return response.done(200, BASE .. "?done=saved", { changed = 0, gone = {} })
  end
  local changed, gone = say(steps, list)
  if not changed then
    return response.problem("conflict")
  end
  local path = BASE .. "?done=saved" .. (#gone > 0 and "&gone=" .. #gone or "")
  response.done(200, path, { changed = changed, gone = gone })
end

---- Ending it from a mail

-- `scope` is a preference's number, or "all".
local function link(customer_id, scope)
  local sign = crypto.sign(customer_id .. "/" .. scope)
  return BASE .. "unsubscribe/" .. customer_id .. "." .. scope .. "." .. sign
end

-- Who the link is for and what it may end; nil with a 404 page.
local function reader_of(req)
  local customer, scope, sign = req.params[1]:match("^(%d+)%.(%w+)%.([%w_-]+)$")
  if text.number(customer) and (scope == "all" or text.number(scope))
    and crypto.same(crypto.sign(customer .. "/" .. scope), sign) then
    local reader = db.read("reader", customer)[1]
    if reader then
      return reader, scope
    end
  end
  response.problem("not_found")
end

local function split_by_scope(reader, scope)
  local ends, others = {}, {}
  for _, row in ipairs(db.read("given_of", reader.id)) do
    local list = (scope == "all" or scope == row.id) and ends or others
    list[#list + 1] = { id = row.id, title = translate.choose(row.title) }
  end
  return ends, others
end

local function unsubscribe_look(req)
  local reader, scope = reader_of(req)
  if not reader then
    return
  end
  local ends, others = split_by_scope(reader, scope)
  response.page(200, "unsubscribe", {
    email = reader.email,
    ends = ends,
    has_ends = #ends > 0,
    others = others,
    has_others = #others > 0,
    done = false,
    action = site.url(BASE .. "unsubscribe/" .. req.params[1]),
    account_url = site.url(BASE),
  })
end

-- A mail program posts here by itself: it is answered at once, and again the second time.
local function unsubscribe(req)
  local reader, scope = reader_of(req)
  if not reader then
    return
  end
  local ends, others = split_by_scope(reader, req.form.all and "all" or scope)
  local steps = {}
  for i, ended in ipairs(ends) do
    steps[i] = say_step(reader.id, { id = ended.id, given = false }, "unsubscribe")
  end
  if #steps > 0 and not db.write(steps) then
    return response.problem("conflict")
  end
  response.page(200, "unsubscribe", {
    email = reader.email,
    ends = ends,
    has_ends = #ends > 0,
    others = others,
    has_others = #others > 0,
    done = true,
    action = site.url(BASE .. "unsubscribe/" .. req.params[1]),
    account_url = site.url(BASE),
  })
end

---- In the office: what is offered

local function list(req)
  local removed = req.form.show == "removed"
  local items = {}
  for i, row in ipairs(db.read("preferences", removed)) do
    local path = site.url(OFFICE .. row.id)
    items[i] = {
      id = row.id,
      title = translate.choose(row.title),
      text = translate.choose(row.body),
      active = row.active,
      people = row.people,
      first = i == 1,
      edit_url = path,
      up_url = path .. "/up",
      people_url = site.url(OFFICE .. "people") .. "?preference=" .. row.id,
    }
  end
  response.page(200, "list", {
    items = items,
    has_items = #items > 0,
    removed = removed,
    list_url = site.url(OFFICE),
    removed_url = site.url(OFFICE) .. "?show=removed",
    new_url = site.url(OFFICE .. "new"),
    people_url = site.url(OFFICE .. "people"),
    notices = not req.wants_json and notices_of(req.form) or nil,
  })
end

local function field(name, language, kept, errors, most)
  local id = name .. "_" .. language
  return {
    id = id,
    title = translate.text("field." .. id),
    value = kept[id] or "",
    words_lang = language,
    len_max = most,
    is_line = name == "title",
    is_long = name == "text",
    required = name == "title" and language == site.info().languages[1],
    error = errors[id],
  }
end

-- `kept` are the form's fields as they stand or were typed.
local function form_view(preference, kept, errors)
  local fields = {}
  for _, language in ipairs(site.info().languages) do
    fields[#fields + 1] = field("title", language, kept, errors, TITLE_MAX)
    fields[#fields + 1] = field("text", language, kept, errors, TEXT_MAX)
  end
  local path = OFFICE .. (preference.id or "new")
  return {
    id = preference.id,
    name = preference.title and translate.choose(preference.title),
    version = preference.version,
    removed = preference.removed or false,
    active = kept.active,
    fields = fields,
    action = site.url(path),
    list_url = site.url(OFFICE),
    remove_url = preference.id and site.url(path .. (preference.removed and "/restore" or "/remove")),
  }
end

local function kept_of(preference)
  local kept = { active = preference.active }
  for _, language in ipairs(site.info().languages) do
    kept["title_" .. language] = preference.title[language]
    kept["text_" .. language] = preference.body[language]
  end
  return kept
end

-- What was typed as it is kept; the refusals by field.
local function read(typed)
  local errors, title, body = {}, {}, {}
  local function check(name, language, most, into)
    local id = name .. "_" .. language
    local said = text.trim(typed[id] or "")
    local first = name == "title" and language == site.info().languages[1]
    if first and said == "" then
      errors[id] = translate.text("invalid.empty")
    elseif text.length(said) > most then
      errors[id] = translate.text("invalid.long", { most = most })
    elseif said ~= "" then
      into[language] = said
    end
  end
  for _, language in ipairs(site.info().languages) do
    check("title", language, TITLE_MAX, title)
    check("text", language, TEXT_MAX, body)
  end
  return errors, json.object(title), json.object(body)
end

local function show_refused(preference, typed, errors)
  response.invalid("edit", form_view(preference, typed, errors), errors)
end

-- As the history says it.
local function described(title, body, active)
  local v = { active = active }
  for language, said in pairs(title) do
    v["title_" .. language] = said
  end
  for language, said in pairs(body) do
    v["text_" .. language] = said
  end
  return v
end

local function form_new()
  response.page(200, "edit", form_view({}, { active = true }, {}))
end

local function create(req)
  local errors, title, body = read(req.form)
  if req.refused or next(errors) then
    return show_refused({}, req.form, errors)
  end
  local id = db.write({ { "next_id" } })[1][1].id
  local active = req.form.active or false
  local done, code = db.write({
    { "insert_preference", id, active, time.now() },
    { "insert_text", id, 1, title, body, time.now() },
    { audit = "create", object = id, after = described(title, body, active) },
  })
  if not done then
    local first = "title_" .. site.info().languages[1]
    return show_refused({}, req.form, { [first] = translate.text("invalid." .. code) })
  end
  response.done(201, OFFICE .. "?done=created", { id = id })
end

local function form_edit(req)
  local preference = response.found("preference", req.params[1])
  if preference then
    response.page(200, "edit", form_view(preference, kept_of(preference), {}))
  end
end

local function same(a, b)
  for _, language in ipairs(site.info().languages) do
    if (a[language] or "") ~= (b[language] or "") then
      return false
    end
  end
  return true
end

-- Languages that the site speaks no more keep their words.
local function merged(old, new)
  local all, spoken = {}, {}
  for _, language in ipairs(site.info().languages) do
    spoken[language] = true
    all[language] = new[language]
  end
  for language, said in pairs(old) do
    if not spoken[language] then
      all[language] = said
    end
  end
  return json.object(all)
end

-- Other words are a new version: whoever agreed, agreed to those before.
local function save(req)
  local preference = response.found("preference", req.params[1])
  if not preference then
    return
  end
  local errors, title, body = read(req.form)
  if req.refused or next(errors) then
    return show_refused(preference, req.form, errors)
  end
  local active = req.form.active or false
  local version = preference.text_version
  local steps = {}
  if not (same(title, preference.title) and same(body, preference.body)) then
    version = version + 1
    title, body = merged(preference.title, title), merged(preference.body, body)
    steps[1] = { "insert_text", preference.id, version, title, body, time.now() }
  end
  steps[#steps + 1] = { "update_preference", preference.id, req.form.version, active, version }
  steps[#steps + 1] = {
    audit = "change", object = preference.id,
    before = described(preference.title, preference.body, preference.active),
    after = described(title, body, active),
  }
  if not db.write(steps) then
    local first = "title_" .. site.info().languages[1]
    return show_refused(preference, req.form, { [first] = translate.text("invalid.changed") })
  end
  response.done(200, OFFICE .. "?done=saved", { id = preference.id })
end

local function move_up(req)
  local preference = response.found("preference", req.params[1])
  if preference then
    db.write({ { "move_up", preference.id }, { audit = "up", object = preference.id } })
    response.done(200, OFFICE, { id = preference.id })
  end
end

local function set_removed(req, removed)
  local preference = response.found("preference", req.params[1])
  if not preference then
    return
  end
  db.write({
    { "set_removed", preference.id, removed },
    { audit = removed and "remove" or "restore", object = preference.id },
  })
  local path = OFFICE .. (removed and "?done=removed" or "?done=restored")
  response.done(200, path, { id = preference.id })
end

local function remove(req)
  set_removed(req, true)
end

local function restore(req)
  set_removed(req, false)
end

---- In the office: who agreed

local function offered(chosen)
  local found
  local list = {}
  for _, removed in ipairs({ false, true }) do
    for _, row in ipairs(db.read("preferences", removed)) do
      list[#list + 1] = { id = row.id, title = translate.choose(row.title), chosen = row.id == chosen }
      found = found or row.id == chosen
    end
  end
  if not found and list[1] then
    list[1].chosen = true
  end
  return list, found and chosen or list[1] and list[1].id
end

local function people(req)
  local choices, chosen = offered(text.number(req.form.preference))
  local given = req.form.state ~= "withdrawn"
  local rows = chosen
    and db.read("people", chosen, given, or_null(text.number(req.form.after)), SHOWN + 1) or {}
  local items = {}
  for i = 1, math.min(#rows, SHOWN) do
    local row = rows[i]
    items[i] = {
      customer_id = row.key,
      name = text.trim(row.first_name .. " " .. row.last_name),
      email = row.email,
      language = row.language,
      source = row.source,
      source_text = translate.text("source." .. row.source),
      text_version = row.text_version,
      given = row.given,
      at = moment(row.at_us),
      customer_url = site.url(OFFICE .. "customers/" .. row.key),
    }
  end
  local query = "?preference=" .. (chosen or "") .. "&state=" .. (given and "given" or "withdrawn")
  local here = site.url(OFFICE .. "people")
  response.page(200, "people", {
    items = items,
    has_items = #items > 0,
    choices = choices,
    has_choices = #choices > 0,
    given = given,
    next = #rows > SHOWN and here .. query .. "&after=" .. items[SHOWN].customer_id or null,
    file_url = here .. ".csv" .. query,
    action = here,
    list_url = site.url(OFFICE),
    new_url = site.url(OFFICE .. "new"),
  })
end

local function people_file(req)
  local _, chosen = offered(text.number(req.form.preference))
  if not chosen or chosen ~= req.form.preference then
    return response.problem("not_found")
  end
  local given = req.form.state ~= "withdrawn"
  local columns = {}
  for i, name in ipairs({ "email", "first_name", "last_name", "language", "source", "text_version", "at_us" }) do
    columns[i] = {
      name = name,
      label = translate.text("column." .. name),
      type = name == "at_us" and "time" or name == "text_version" and "count" or "text",
    }
  end
  db.write({ { audit = "export", object = chosen, after = { withdrawn = not given } } })
  response.sheet("consents-" .. chosen .. ".csv", columns, { "people", chosen, given })
end

---- In the office: one person

-- What was ticked stays ticked when the rest is refused.
local function as_typed(items, form)
  local typed = {}
  for _, wish in ipairs(wishes(form)) do
    typed[wish.id] = wish
  end
  for _, item in ipairs(items) do
    if typed[item.id] then
      item.given = typed[item.id].given
    end
  end
end

local function person_view(req)
  local items = choices_of(req.customer.id)
  if req.refused then
    as_typed(items, req.form)
  end
  local rows = db.read("log_of", req.customer.id, or_null(text.number(req.form.before)))
  local entries = {}
  for i = 1, math.min(#rows, SHOWN) do
    local row = rows[i]
    entries[i] = {
      id = row.id,
      title = translate.choose(row.title),
      given = row.given,
      source = row.source,
      source_text = translate.text("source." .. row.source),
      text_version = row.text_version,
      language = row.language,
      note = or_null(row.note ~= "" and row.note or nil),
      at = moment(row.at_us),
    }
  end
  local here = site.url(OFFICE .. "customers/" .. req.customer.id)
  return {
    preferences = items,
    has_preferences = #items > 0,
    log = entries,
    has_log = #entries > 0,
    log_more_url = #rows > SHOWN and here .. "?before=" .. entries[SHOWN].id or null,
    action = here,
    notices = not req.wants_json and notices_of(req.form) or nil,
  }
end

local function person(req)
  response.page(200, "person", person_view(req))
end

-- What the mail tells: the person may say no to it by one click.
local function told(req, given)
  if #given == 0 then
    return nil
  end
  local titles, scope = {}, #given == 1 and given[1].id or "all"
  for i, item in ipairs(given) do
    titles[i] = item.title
  end
  return {
    mail = "noted", to = req.customer.email, language = req.customer.language,
    customer_id = req.customer.id,
    unsubscribe = link(req.customer.id, scope),
    variables = { name = req.customer.name, preferences = table.concat(titles, ", ") },
  }
end

local function person_save(req)
  if req.refused then
    return response.invalid("person", person_view(req))
  end
  local list, steps, wished = wishes(req.form), {}, {}
  for i, wish in ipairs(list) do
    steps[i] = say_step(req.customer.id, wish, "office", req.form.note)
    wished[wish.id] = wish
  end
  local path = OFFICE .. "customers/" .. req.customer.id
  local given, before, after, differs = {}, {}, {}, false
  for _, item in ipairs(choices_of(req.customer.id, req.customer.language)) do
    local now = item.given
    if wished[item.id] then
      now = wished[item.id].given
    end
    differs = differs or now ~= item.given
    before[#before + 1] = item.given and item.title or nil
    after[#after + 1] = now and item.title or nil
    if now and not item.given and item.offered then
      given[#given + 1] = item
    end
  end
  if #list == 0 then
    return response.done(200, path .. "?done=same", { changed = 0, gone = {} })
  end
  if differs then
    steps[#steps + 1] = {
      audit = "say", object = req.customer.id, before = { agreed = before }, after = { agreed = after },
    }
  end
  steps[#steps + 1] = told(req, given)
  local changed, gone = say(steps, list)
  if not changed then
    return response.problem("conflict")
  end
  -- Without news nothing is kept, the note neither: that isn't called noted.
  local done = changed > 0 and "&done=noted" or #gone == 0 and "&done=same" or ""
  path = path .. "?gone=" .. #gone .. done
  response.done(200, path, { changed = changed, gone = gone })
end

return {
  hooks = {
    account_sections = function()
      return { { title = translate.text("section"), path = BASE } }
    end,
    customer_tabs = function(input)
      return { { title = translate.text("tab"), path = OFFICE .. "customers/" .. input.customer_id } }
    end,
    -- Of two people who became one, what was said last counts; so it does when they part.
    customer_merged = function(input)
      db.write({ { "settle", input.customer_id }, { "settle", input.other_id } })
    end,
    switched_on = function(input)
      for _, p in ipairs(input.seed or {}) do
        db.write({ { "seed_preference", p.code, p.title, p.text or json.object(), time.now() } })
      end
    end,
  },
  routes = {
    account = account,
    account_save = account_save,
    unsubscribe_look = unsubscribe_look,
    unsubscribe = unsubscribe,
    list = list,
    form_new = form_new,
    create = create,
    form_edit = form_edit,
    save = save,
    move_up = move_up,
    remove = remove,
    restore = restore,
    people = people,
    people_file = people_file,
    person = person,
    person_save = person_save,
  },
}
