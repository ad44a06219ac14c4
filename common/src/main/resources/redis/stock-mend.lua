-- Puts cache entries of stock right that differ from the ledger, each only if it still is as it was when it was
-- compared: values written since then stay.
--
-- After line.lua.
--
-- KEYS[i]          cache entry of a product, hash: quantity, version, confirmed (ms of Redis TIME), refused
-- ARGV[4i-3], ARGV[4i-2]  its quantity and version as they were seen, '' where there was none
-- ARGV[4i-1], ARGV[4i]    quantity and version in the ledger, read after that
--
-- Returns for each entry 1 if it was put right, else 0.
-- Keeps: a version goes back only where the ledger never had the one that was seen; what is written here is not
-- confirmed, so admission rejects no order by it.
local mended = {}
for i, entry in ipairs(KEYS) do
  local seenQuantity, seenVersion, quantity, version = unpack(ARGV, 4 * i - 3, 4 * i)
  local cached = redis.call('HMGET', entry, 'quantity', 'version')
  mended[i] = 0
  if (cached[1] or '') == seenQuantity and (cached[2] or '') == seenVersion then
    redis.call('HSET', entry, 'quantity', quantity, 'version', version)
    redis.call('HDEL', entry, 'confirmed')
    mended[i] = 1
  end
end
return mended
