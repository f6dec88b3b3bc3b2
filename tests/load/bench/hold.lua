-- Each request is a new buyer who holds one place of the slot that is named after `--`.
function init(args)
  wrk.method = "POST"
  wrk.body = "slot=" .. args[1] .. "&quantity_adult=1"
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  wrk.headers["Origin"] = "http://" .. wrk.headers["Host"]
end

function done(summary)
  io.write("bench refused ", summary.errors.status, "\n")
end
