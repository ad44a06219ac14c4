-- For each of several claims, raises the fencing counter to its token, only while the node still holds every key for
-- it.
--
-- KEYS[1]   the node's fencing counter
-- KEYS[2..] the locks, claim after claim
-- ARGV      for each claim three: how many of the locks are its; its owner; its token
--
-- Returns for each claim 1 when the counter is now at least its token, 0 when the grant has gone.
--
-- Invariant: a caller whose grant expired confirms nothing. Raising the counter unconditionally would let it complete
-- with a token greater than that of the owner who took the keys after it.
--
-- After redlock.lua.
local counter = counterOf(KEYS[1])
local answers = {}
local first = 2
for i = 1, #ARGV, 3 do
  local last = first + tonumber(ARGV[i]) - 1
  local confirmed = counter and 1 or 0
  for key = first, last do
    if confirmed == 1 and ownerOf(KEYS[key]) ~= ARGV[i + 1] then
      confirmed = 0
    end
  end
  local token = tonumber(ARGV[i + 2])
  if confirmed == 1 and counter < token then
    counter = token
    redis.call('SET', KEYS[1], string.format('%.0f', counter))
  end
  answers[#answers + 1] = confirmed
  first = last + 1
end
return answers
