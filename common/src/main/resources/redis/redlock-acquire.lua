-- For each of several claims, takes every key of it for its owner, or none, and counts the grant.
--
-- KEYS[1]   the node's fencing counter
-- KEYS[2..] the locks, claim after claim
-- ARGV[1]   floor: the highest token the caller knows of
-- ARGV[2..] for each claim three: how many of the locks are its; its owner, new for every attempt, so that nothing sent
--           late for one attempt can touch another's keys; its lease in milliseconds
--
-- Returns for each claim its counter when granted, 'held' when another owner has one of the keys, or 'empty' when the
-- node has no counter: it has just started, or has lost its memory, and may have forgotten who holds what.
--
-- Invariant: the counter never falls, and every grant of this node is greater than all it granted or confirmed before.
-- Run twice it grants the same keys again with greater counters. That the answer to the first run then has smaller
-- ones is no harm to the ledger (docs/spec/README.md).
--
-- After redlock.lua.
local counter = counterOf(KEYS[1])
local floor = tonumber(ARGV[1])
local answers = {}
local first = 2
local granted = false
for i = 2, #ARGV, 3 do
  local last = first + tonumber(ARGV[i]) - 1
  local owner = ARGV[i + 1]
  local answer = counter and 'free' or 'empty'
  if counter then
    for key = first, last do
      local holder = ownerOf(KEYS[key])
      if holder and holder ~= owner then
        answer = 'held'
        break
      end
    end
  end
  if answer == 'free' then
    counter = math.max(counter, floor) + 1
    granted = true
    for key = first, last do
      redis.call('SET', KEYS[key], owner, 'PX', ARGV[i + 2])
    end
    answer = counter
  end
  answers[#answers + 1] = answer
  first = last + 1
end
if granted then
  redis.call('SET', KEYS[1], string.format('%.0f', counter))
end
return answers
