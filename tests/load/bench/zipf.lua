-- Asks sites of many for one page, the n-th most popular as often as 1/n says; the popular ones are
-- spread over all. After `--`: how many sites (below zero: each in turn), the path, milliseconds of
-- pause after each answer (none).
local sums, count, path, pause = {}, 0, "/", 0
local turn = 0

function init(args)
  count, path, pause = tonumber(args[1]), args[2], tonumber(args[3] or 0)
  math.randomseed(4711)
  local sum = 0
  for n = 1, count do
    sum = sum + 1 / n
    sums[n] = sum
  end
  if pause > 0 then
    delay = function() return pause end
  end
end

local function pick()
  if count < 0 then
    turn = turn % -count + 1
    return turn
  end
  local wanted, low, high = math.random() * sums[count], 1, count
  while low < high do
    local middle = math.floor((low + high) / 2)
    if sums[middle] < wanted then low = middle + 1 else high = middle end
  end
  return low * 7919 % count + 1 -- a prime, so each site once
end

function request()
  return wrk.format("GET", path, {
    Host = "site-" .. pick() .. ".vitrine.localhost",
    Cookie = wrk.headers["Cookie"],
  })
end
