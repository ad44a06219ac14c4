-- Writes cache entries of stock, each unless a newer version is there, so that a late writer can't bring back stock
-- that is sold.
--
-- After line.lua.
--
-- KEYS[i]          cache entry of a product, hash: quantity, version, confirmed (ms of Redis TIME), refused
-- ARGV[1]          since when that is known to be so at least, ms of Redis TIME: an answer of this script that was
--                  there before the stock was read; 0 where there was none
-- ARGV[2i], ARGV[2i+1]  quantity and version of a product
--
-- Returns {now in ms}.
-- Keeps: the version of an entry never goes back; a value written without a time is not confirmed, as it is unknown
-- for how long it was on its way: admission rejects no order by it.
local since = tonumber(ARGV[1])
for i, entry in ipairs(KEYS) do
  local quantity, version = ARGV[2 * i], ARGV[2 * i + 1]
  local cached, confirmed = unpack(redis.call('HMGET', entry, 'version', 'confirmed'))
  if (tonumber(cached) or 0) <= tonumber(version) then
    redis.call('HSET', entry, 'quantity', quantity, 'version', version)
    local known = math.max(since, cached == version and tonumber(confirmed) or 0)
    if known > 0 then
      redis.call('HSET', entry, 'confirmed', string.format('%.0f', known))
    elseif confirmed then
      redis.call('HDEL', entry, 'confirmed')
    end
  end
end
local time = redis.call('TIME')
return {tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)}
