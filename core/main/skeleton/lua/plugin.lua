-- Visitors leave a note; the back office reads them. See README.md and ../README.md.

local home = "/x/@name@/"
local routes, hooks, jobs = {}, {}, {}

local function page(request)
  return {
    greeting = settings.get("greeting"),
    action = site.url(home),
    thanks = request.form.thanks,
  }
end

function routes.show(request)
  response.page(200, "notes", page(request))
end

function routes.leave(request)
  if request.refused then
    return response.invalid("notes", page(request))
  end
  db.write({
    { "add_note", request.form.note },
    { job = "tell", data = { note = request.form.note } },
  })
  response.done(201, home .. "?thanks=1", { note = request.form.note })
end

function routes.read()
  local notes = db.read("newest_notes")
  for _, note in ipairs(notes) do
    note.left = format.time(note.left_us)
  end
  response.page(200, "office", { notes = notes })
end

-- A blueprint may bring the first notes: "@name@": ["…"] in its site.json.
function hooks.switched_on(data)
  for _, note in ipairs(data.seed or {}) do
    db.write({ { "add_note", note } })
  end
end

function jobs.tell(data)
  local venue = site.info().contact
  if settings.get("tell") and venue.email then
    mail.send("note_left", venue.email, { note = data.note })
  end
end

return { routes = routes, hooks = hooks, jobs = jobs }
