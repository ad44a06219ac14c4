-- Gives a memory of the line that has none its epoch: one that was never used or was flushed, and one that another
-- process of Redis left behind, or another master: after a restart or a failover it may be an older one. Redis names
-- each with its replication id, a new one after every start and every promotion. Two steps, so that an epoch taken from
-- the ledger before one loss is never installed after the next: first a mark is made, then the ledger is asked, then
-- the epoch is installed only if the mark still stands.
--
-- After line.lua.
--
-- KEYS[1] state    hash: epoch, memory (replication id of the master that got it), mark, rebuild, installation, ...
-- KEYS[2] seen     hash: partition -> time (ms)
-- ARGV[1] mark to make if this memory has none; or, with ARGV[2], the mark that must stand
-- ARGV[2] epoch to install, or ''
-- ARGV[3] id of the caller's installation
--
-- Returns {epoch or '', mark, epoch of the older memory or 0}, or {'STRANGER', id} where the line belongs to another
-- installation; then nothing is changed.
-- Keeps: the epoch of a memory never changes, and the next one's is greater, whatever the ledger says; nothing is
-- claimed in it before line-seen has ended the rebuilding: what was published before has its old position, and no other
-- order may go before it.
local state, seen = KEYS[1], KEYS[2]
local installation = redis.call('HGET', state, 'installation')
if installation and installation ~= ARGV[3] then
  return {'STRANGER', installation}
end
local memory = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
local epoch, home, mark = unpack(redis.call('HMGET', state, 'epoch', 'memory', 'mark'))
epoch = tonumber(epoch) and epoch
if epoch and home == memory then
  return {epoch, '', epoch}
end
if string.sub(mark or '', 1, #memory) ~= memory then
  mark = nil -- nobody's, or that of another memory
end
if ARGV[2] == '' then
  mark = mark or memory .. ':' .. ARGV[1]
  redis.call('HSET', state, 'mark', mark)
  return {'', mark, epoch or 0}
end
if mark ~= ARGV[1] or tonumber(ARGV[2]) <= tonumber(epoch or 0) then
  return {'', mark or '', epoch or 0}
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('HSET', state, 'epoch', ARGV[2], 'memory', memory, 'rebuild', now, 'installation', ARGV[3])
redis.call('HDEL', state, 'mark')
redis.call('DEL', seen) -- by another clock
return {ARGV[2], '', ARGV[2]}
