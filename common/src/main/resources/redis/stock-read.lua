-- Reads cache entries of stock.
--
-- After line.lua.
--
-- KEYS[i] cache entry of a product, hash: quantity, version, confirmed (ms of Redis TIME), refused
--
-- Returns for each entry its quantity and its version, '' for what is missing.
-- Keeps: nothing is changed but what is no entry.
local answer = {}
for i, entry in ipairs(KEYS) do
  local fields = redis.call('HMGET', entry, 'quantity', 'version')
  answer[2 * i - 1], answer[2 * i] = fields[1] or '', fields[2] or ''
end
return answer
