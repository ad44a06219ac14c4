-- Raises the fencing counter to a token, only while the node still holds every key for the caller.
--
-- KEYS[1]   the node's fencing counter
-- KEYS[2..] the locks
-- ARGV[1]   owner
-- ARGV[2]   token
--
-- Returns {1} when the counter is now at least the token, {0} when the grant has gone.
--
-- Invariant: a caller whose grant expired confirms nothing. Raising the counter unconditionally would let it complete
-- with a token greater than that of the owner who took the keys after it.
local counter = redis.call('GET', KEYS[1])
if not counter then
  return {0}
end
for i = 2, #KEYS do
  if redis.call('GET', KEYS[i]) ~= ARGV[1] then
    return {0}
  end
end
if tonumber(counter) < tonumber(ARGV[2]) then
  redis.call('SET', KEYS[1], string.format('%.0f', tonumber(ARGV[2])))
end
return {1}
