-- For wrk: the bodies of a file, one a line, in turn; figures as one line of JSON.  wrk -s post.lua URL -- BODIES
local requests, at = {}, 0

function init(arguments)
    if not arguments[1] then return end
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    for line in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format(nil, nil, nil, line)
    end
end

function request()
    if #requests == 0 then return wrk.format() end
    at = at % #requests + 1
    return requests[at]
end

function done(summary, latency, _)
    local e = summary.errors
    io.write(string.format('{"requests":%d,"seconds":%f,"p50":%d,"p99":%d,"max":%d,"bad":%d,"broken":%d}\n', summary.requests,
        summary.duration / 1e6, latency:percentile(50), latency:percentile(99), latency.max, e.status, e.connect + e.read + e.write + e.timeout))
end
