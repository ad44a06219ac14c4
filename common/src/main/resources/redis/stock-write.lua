-- Writes cache entries of stock, each unless a newer version is there, so that a late writer can't bring back stock that
-- is sold.
--
-- KEYS[i]          cache entry of a product, hash: quantity, version, confirmed (ms of Redis TIME)
-- ARGV[2i-1], ARGV[2i]  its quantity and version
--
-- Returns {how many were written}.
-- Keeps: the version of an entry never goes back.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local written = 0
for i, entry in ipairs(KEYS) do
  local quantity, version = ARGV[2 * i - 1], ARGV[2 * i]
  local cached = redis.call('HGET', entry, 'version')
  if not cached or tonumber(cached) <= tonumber(version) then
    redis.call('HSET', entry, 'quantity', quantity, 'version', version, 'confirmed', now)
    written = written + 1
  end
end
return {written}
