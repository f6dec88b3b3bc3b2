-- Guests who buy, one a thread with one connection: every step as a browser without scripts takes
-- it. After `--`: the first slot, the last slot. Prints how many purchases were finished.
local threads = {}

function setup(thread)
  thread:set("number", #threads + 1)
  table.insert(threads, thread)
end

bought, failed = 0, 0
local step, cookie, fields, order, first, last, slot

local function restart()
  step, cookie, fields = 1, nil, ""
  slot = math.random(first, last)
end

function init(args)
  first, last = tonumber(args[1]), tonumber(args[2])
  math.randomseed(number * 7919)
  restart()
end

local function get(path)
  return { "GET", path }
end

local function post(path, body)
  return { "POST", path, body }
end

local steps = {
  function() return get("/offers/tour") end,
  function() return post("/offers/tour", "slot=" .. slot .. "&quantity_adult=1") end,
  function() return get("/basket") end,
  function() return get("/checkout") end,
  function() return post("/checkout", fields .. "name=Ann+Buyer&email=ann%40buyer.example") end,
  function() return get("/checkout/pay") end,
  function() return post("/checkout/pay", fields .. "method=pay-at-venue") end,
  function() return get(order) end,
}

function request()
  local what = steps[step]()
  local headers = { Host = wrk.headers["Host"], Cookie = cookie }
  if what[3] then
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    headers["Origin"] = "http://" .. headers.Host
  end
  return wrk.format(what[1], what[2], headers, what[3])
end

-- What the page's form carries for its answer.
local function hidden(body, name)
  local value = body:match('name="' .. name .. '" value="([^"]*)"')
  return value and name .. "=" .. value .. "&" or ""
end

function response(status, headers, body)
  if status >= 400 then
    failed = failed + 1
    if failed == 1 then io.stderr:write("step ", step, " answered ", status, "\n") end
    restart()
    return
  end
  local set = headers["Set-Cookie"] or headers["set-cookie"]
  if set then cookie = set:match("[^;]+") end
  if status == 200 then fields = hidden(body, "csrf") .. hidden(body, "idempotency_key") end
  if step == 7 then order = headers["Location"] or headers["location"] end
  step = step + 1
  if step > #steps then
    bought = bought + 1
    restart()
  end
end

function done()
  local all, bad = 0, 0
  for _, thread in ipairs(threads) do
    all, bad = all + thread:get("bought"), bad + thread:get("failed")
  end
  io.write("bench bought ", all, "\nbench failed ", bad, "\n")
end
