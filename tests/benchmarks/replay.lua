-- Replays a file of requests in order through wrk and writes what came back as one line of JSON.
--   TARGETS=file START=0 RESULT=file wrk -t1 -c16 -d6s -s replay.lua http://127.0.0.1:PORT
-- A line of the file:  METHOD <TAB> PATH <TAB> H1: v1||H2: v2 <TAB> BODY
-- START skips that many lines, so that consecutive runs use lines never sent before; the file wraps around.
local lines, n = {}, 0
local position = tonumber(os.getenv("START") or "0")
local threads = {}

function setup(thread) table.insert(threads, thread) end

function init(args)
  sent, good, refused = 0, 0, 0
  for line in io.lines(os.getenv("TARGETS")) do
    local method, path, headers, body = line:match("^(%S+)\t(%S+)\t([^\t]*)\t?(.*)$")
    if method then
      local named = {}
      for pair in (headers .. "||"):gmatch("(.-)||") do
        local name, value = pair:match("^([^:]+):%s*(.*)$")
        if name then named[name] = value end
      end
      n = n + 1
      lines[n] = wrk.format(method, path, named, body ~= "" and body or nil)
    end
  end
  if n == 0 then error("no targets") end
end

function request()
  local i = position % n + 1
  position = position + 1
  sent = sent + 1
  return lines[i]
end

function response(status, headers, body)
  if status >= 200 and status < 300 then good = good + 1 else refused = refused + 1 end
end

function done(summary, latency, requests)
  local all = { sent = 0, good = 0, refused = 0 }
  for _, thread in ipairs(threads) do
    for name in pairs(all) do all[name] = all[name] + thread:get(name) end
  end
  local errors = summary.errors
  local file = io.open(os.getenv("RESULT"), "w")
  file:write(string.format(
    '{"seconds":%.3f,"sent":%d,"good":%d,"refused":%d,"broken":%d,"p50_ms":%.3f,"p99_ms":%.3f}\n',
    summary.duration / 1e6, all.sent, all.good, all.refused,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
  file:close()
end
