-- How many orders have joined the line in this epoch, and how many are in it.
--
-- After line.lua.
--
-- KEYS[1] state    hash: epoch, memory, seq (last ticket of the epoch), ...
-- KEYS[2] tickets  hash: ticket -> record
--
-- Returns {last ticket of the epoch, tickets in the line}, or {'NO_EPOCH'}.
-- Keeps: nothing is changed.
local epoch, memory, seq = unpack(redis.call('HMGET', KEYS[1], 'epoch', 'memory', 'seq'))
if hasNoEpoch(epoch, memory) then
  return {'NO_EPOCH'}
end
return {string.format('%.0f', tonumber(epoch) * 2 ^ 40 + tonumber(seq or 0)), redis.call('HLEN', KEYS[2])}
