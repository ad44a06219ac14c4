-- Writes cache entries of stock, each unless a newer version is there, so that a late writer can't bring back stock that
-- is sold.
--
-- KEYS[i]          cache entry of a product, hash: quantity, version, confirmed (ms of Redis TIME), refused
-- ARGV[2i-1], ARGV[2i]  its quantity and version
--
-- Returns {how many were written}.
-- Keeps: the version of an entry never goes back; what is written here is not confirmed, as nobody can say for how long it
-- was on its way: the door refuses nobody by it.
local written = 0
for i, entry in ipairs(KEYS) do
  local quantity, version = ARGV[2 * i - 1], ARGV[2 * i]
  local cached = redis.call('HGET', entry, 'version')
  if not cached or tonumber(cached) <= tonumber(version) then
    redis.call('HSET', entry, 'quantity', quantity, 'version', version)
    if cached ~= version then
      redis.call('HDEL', entry, 'confirmed')
    end
    written = written + 1
  end
end
return {written}
