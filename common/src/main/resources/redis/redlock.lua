-- The common part of Redlock's scripts; sent before each script that names it. Values that other programs wrote into
-- these keys block no lock.

-- The owner of a lock. All values that these scripts write are texts with an expiry: any other value would be held for
-- good.
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

