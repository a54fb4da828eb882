package timeline

import "github.com/redis/go-redis/v9"

// The scripts make one thing of what must not be done in part. A status stands in
// the slot of its number; what belongs to it is there as long as the slot's text
// begins with its id. Ids in lists are eight bytes, the highest first, so that
// they sort as numbers do.

// publishScript enters one status, unless another service or a later time of
// this one has the store: then what comes late, as out of the buffer of a broken
// connection, must not be done.
var publishScript = redis.NewScript(`
local meta, slot, replies, likes, counts, boosts, wall, public, posts, newest, of, ofreplies, ofboosts = unpack(KEYS)
local fence, seq, id, entry, text, author, ms, cap, publiccap, listed, ofid, boosts_it = unpack(ARGV)
local now = redis.call('HGET', meta, 'fence')
if not now then return redis.error_reply('EMPTY the store has been emptied') end
if now ~= fence then return redis.error_reply('FENCED the store belongs to another service') end
redis.call('DEL', replies, likes, counts, boosts)
redis.call('SET', slot, text)
redis.call('ZADD', wall, 0, entry)
redis.call('ZREMRANGEBYRANK', wall, 0, -1 - cap)
if listed == '1' then
  redis.call('ZADD', public, 0, entry)
  redis.call('ZREMRANGEBYRANK', public, 0, -1 - publiccap)
end
if ofid ~= '' then
  local begins = '{"id":' .. ofid .. ','
  if redis.call('GETRANGE', of, 0, #begins - 1) == begins then
    if boosts_it == '1' then redis.call('HSET', ofboosts, author, id) else redis.call('SADD', ofreplies, id) end
  end
end
redis.call('HINCRBY', posts, author, 1)
redis.call('HSET', newest, author, ms .. ' ' .. id)
redis.call('HSET', meta, 'seq', seq, 'last', id)
return 1`)

// fenceScript makes sure that what was sent before is not done any more, unless
// the store belongs to another service. A store that has been emptied is ours
// again.
var fenceScript = redis.NewScript(`
local run = redis.call('HGET', KEYS[1], 'run')
if run and run ~= ARGV[1] then return redis.error_reply('FENCED the store belongs to another service') end
return redis.call('HSET', KEYS[1], 'run', ARGV[1], 'fence', ARGV[2], 'population', ARGV[3])`)

// eraseScript takes back what publishScript did for one status, if it did.
var eraseScript = redis.NewScript(`
local slot, wall, public, posts, ofreplies, ofboosts = unpack(KEYS)
local id, entry, author, ofid = unpack(ARGV)
local begins = '{"id":' .. id .. ','
if redis.call('GETRANGE', slot, 0, #begins - 1) ~= begins then return 0 end
redis.call('DEL', slot)
redis.call('ZREM', wall, entry)
redis.call('ZREM', public, entry)
redis.call('HINCRBY', posts, author, -1)
if ofid ~= '' then
  redis.call('SREM', ofreplies, id)
  if redis.call('HGET', ofboosts, author) == id then redis.call('HDEL', ofboosts, author) end
end
return 1`)

// likeScript sets or takes away a like, and counts it once.
var likeScript = redis.NewScript(`
local slot, likes, counts = unpack(KEYS)
local id, who, on, row = unpack(ARGV)
local begins = '{"id":' .. id .. ','
if redis.call('GETRANGE', slot, 0, #begins - 1) ~= begins then return 0 end
if on == '1' then
  if redis.call('SADD', likes, who) == 1 then redis.call('HINCRBY', counts, row, 1) end
elseif redis.call('SREM', likes, who) == 1 then
  redis.call('HINCRBY', counts, row, -1)
end
return 1`)

// tellScript tells of each status the replies, boosts and likes, and whether the
// viewer likes and boosts it. Its keys are four a status.
var tellScript = redis.NewScript(`
local viewer, rows = unpack(ARGV)
local told = {}
for i = 1, #KEYS, 4 do
  local replies, boosts, likes, counts = KEYS[i], KEYS[i+1], KEYS[i+2], KEYS[i+3]
  local n = 0
  if rows == '1' then
    n = redis.call('SINTERCARD', 1, likes)
  else
    for _, part in ipairs(redis.call('HVALS', counts)) do n = n + part end
  end
  local liked, boosted = 0, 0
  if viewer ~= '0' then
    liked = redis.call('SISMEMBER', likes, viewer)
    boosted = redis.call('HEXISTS', boosts, viewer)
  end
  told[#told+1] = redis.call('SCARD', replies)
  told[#told+1] = redis.call('HLEN', boosts)
  told[#told+1] = n
  told[#told+1] = liked
  told[#told+1] = boosted
end
return told`)

// rangeScript reads a stretch of the newest entries of a list: first whether the
// list is there, with its mark at the bottom if it has to have one; then the
// oldest entry still shown if older ones were dropped; then the entries.
var rangeScript = redis.NewScript(`
local low, high, limit, upward, cap, marked = unpack(ARGV)
local mark = string.rep('\0', 8)
if marked == '1' and not redis.call('ZSCORE', KEYS[1], mark) then return {'0', ''} end
local floor = redis.call('ZREVRANGE', KEYS[1], cap - 1, cap - 1)[1] or ''
if floor == mark then floor = '' end
local from = '(' .. low
for i = 1, #floor do -- strings compare by the server's language, not by bytes
  local a, b = low:byte(i), floor:byte(i)
  if a < b then from = '[' .. floor end
  if a ~= b then break end
end
local found
if upward == '1' then
  found = redis.call('ZRANGEBYLEX', KEYS[1], from, '(' .. high, 'LIMIT', 0, limit)
else
  found = redis.call('ZREVRANGEBYLEX', KEYS[1], '(' .. high, from, 'LIMIT', 0, limit)
end
table.insert(found, 1, floor)
table.insert(found, 1, '1')
return found`)

var scripts = []*redis.Script{publishScript, fenceScript, eraseScript, likeScript, tellScript, rangeScript}
