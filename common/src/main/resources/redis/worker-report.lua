-- Stores the report of a worker, and forgets workers that have reported nothing for a minute.
--
-- After line.lua.
--
-- KEYS[1] workers  hash: worker -> time of its last report (ms) | report
-- ARGV[1] worker
-- ARGV[2] its report
--
-- Returns {}.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('HSET', KEYS[1], ARGV[1], now .. '|' .. ARGV[2])
local reports = redis.call('HGETALL', KEYS[1])
for i = 1, #reports, 2 do
  local at = tonumber(string.match(reports[i + 1], '^(%d+)|') or 0)
  if at < now - 60000 then
    redis.call('HDEL', KEYS[1], reports[i])
  end
end
return {}
