-- Starts the lease anew on every key of a set, only while all of them are the caller's.
--
-- KEYS[1..] the locks
-- ARGV[1]   owner
-- ARGV[2]   lease in milliseconds
--
-- Returns {1} when extended, {0} when a key is missing or another owner's; then nothing was touched.
--
-- Invariant: a lost key is never taken again by an extension.
for i = 1, #KEYS do
  if redis.pcall('GET', KEYS[i]) ~= ARGV[1] then
    return {0}
  end
end
for i = 1, #KEYS do
  redis.call('PEXPIRE', KEYS[i], ARGV[2])
end
return {1}
