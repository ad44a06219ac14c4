-- The heartbeat of one that draws. Those that have been silent for a day are forgotten.
--
-- After line.lua.
--
-- KEYS[1] beats    hash: who draws -> time of its last heartbeat (ms)
-- ARGV[1] who draws
--
-- Returns {}.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if redis.call('HSET', KEYS[1], ARGV[1], now) == 1 then
  local beats = redis.call('HGETALL', KEYS[1])
  for i = 1, #beats, 2 do
    if (tonumber(beats[i + 1]) or 0) < now - 86400000 then
      redis.call('HDEL', KEYS[1], beats[i])
    end
  end
end
return {}
