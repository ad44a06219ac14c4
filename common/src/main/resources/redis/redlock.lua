-- What scripts of Redlock have in common; sent before each of them that says so. What another program wrote into its keys stops nobody.

-- The owner of a lock. All that these scripts write is a text with an end: what is none, or has none, would be held for good.
local function ownerOf(lock)
  local owner = redis.pcall('GET', lock)
  local foreign = type(owner) == 'table' or owner and redis.call('PTTL', lock) == -1
  return not foreign and owner
end

-- A node's fencing counter, or nil: what is no whole number below 2^53 counts as lost, and a new epoch takes its place.
local function counterOf(key)
  local counter = redis.pcall('GET', key)
  local number = type(counter) == 'string' and string.match(counter, '^%d+$') and tonumber(counter)
  return number and number < 2 ^ 53 and number or nil
end

