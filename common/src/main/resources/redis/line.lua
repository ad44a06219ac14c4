-- What scripts of the line have in common; sent before each of them that says so.

-- A key of the line that has another type than its own was written by another program, and would stop each script that
-- touches it: it is deleted, so that it is like a lost key, and line-mend and the keepers restore what was
-- in it.
local server, redis = redis, {}
function redis.call(...)
  local answer = server.pcall(...)
  if type(answer) == 'table' and answer.err then
    if string.find(answer.err, 'WRONGTYPE', 1, true) then
      local _, key = ...
      server.log(server.LOG_WARNING, 'the type of ' .. key .. ' is none of the line: deleted')
      server.call('DEL', key)
    end
    return server.call(...)
  end
  return answer
end

local BATCH = 500 -- arguments of one call; Lua's stack holds a few thousand

-- Whether a memory has no epoch, or one that another master was given: then it may be older than what the line knew.
local function hasNoEpoch(epoch, memory)
  return not tonumber(epoch) or memory ~= string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
end

-- Calls a command with the members of a list; returns the sum of its answers.
local function inBatches(command, key, list)
  local sum = 0
  for first = 1, #list, BATCH do
    sum = sum + redis.call(command, key, unpack(list, first, math.min(first + BATCH - 1, #list)))
  end
  return sum
end

-- The values of fields of a hash, in the order of the fields; false for one that is not there.
local function valuesOf(key, fields)
  local values = {}
  for first = 1, #fields, BATCH do
    local some = redis.call('HMGET', key, unpack(fields, first, math.min(first + BATCH - 1, #fields)))
    for i = 1, #some do
      values[first + i - 1] = some[i]
    end
  end
  return values
end
