#include <brio/tasks/redis_scripts.hpp>
#include <brio/tasks/redis_whole_script.hpp>

namespace brio::tasks::redis_scripts {

// The place of the others, how many to sweep, plain ones by list: list, queue, how many, and of each id,
// record and envelope. Then the others.
const redis::Script& push() {
    static const Swift script(R"lua(
local now, others, swept = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local places = call('HMGET', 'brio:era', 'new', 'old')
local new, old = places[1], places[2]
local more
if others <= #ARGV or swept ~= '0' or not new then
  more = rest()
  new, old = more.turn_era(now)
end
local function prepare(queue)
  if #call('ZRANGEBYSCORE', 'brio:scheduled:' .. queue, '-inf', now, 'LIMIT', 0, 1) > 0 then
    rest().move_due(queue, now)
  end
end
local i = 4
while i < others do
  local list, queue, last = ARGV[i], ARGV[i + 1], i + 2 + 3 * ARGV[i + 2]
  prepare(queue)
  local known, envelopes, count = {'EXISTS', old}, {}, 0
  for k = i + 3, last, 3 do
    known[#known + 1] = key(ARGV[k])
    known[#known + 1] = 'celery-task-meta-' .. ARGV[k]
  end
  if call(unpack(known)) > 0 then more = more or rest() else more = nil end
  for k = i + 3, last, 3 do
    local id = ARGV[k]
    if not (more and more.is_there(id, now, old)) and call('HSETNX', new, id, ARGV[k + 1]) == 1 then
      count = count + 1
      envelopes[count] = ARGV[k + 2]
    end
  end
  local length = count > 0 and call('LPUSH', list, unpack(envelopes))
  -- Who pushes to an empty list makes its queue known; Python, which does not, may have been first.
  if length == count or swept ~= '0' then call('SADD', 'brio:queues', queue) end
  i = last + 1
end
if others <= #ARGV then
  more = rest()
  for k = others, #ARGV, 8 do
    prepare(ARGV[k + 2])
    more.push_other(new, old, now, unpack(ARGV, k, k + 7))
  end
end
-- Where only Python has workers nobody else does.
if swept ~= '0' then rest().sweep(now, swept) end
return 1
)lua");
    return script.script();
}

// What is plain is claimed at once, under one fence for all of a list; of the rest each has its own.
const redis::Script& take() {
    static const Swift script(R"lua(
local worker, now, left = ARGV[1], ARGV[2], tonumber(ARGV[3])
local given = {}
if call('HEXISTS', 'brio:workers', worker) == 0 then return given end
local new, old = plain_places()
local format, match = string.format, string.match
local taken, begun, begun_old, kinds, head, field_start
-- Whether all of them were plain.
local function claim_plain(envelopes)
  local ids, seen = {}, {}
  for k = 1, #envelopes do
    local id = match(envelopes[k], '^{"headers":{"id":"([^"\\]+)"')
    if id and seen[id] then id = nil end
    ids[k] = id or ''
    if id then seen[id] = true end
  end
  local records = call('HMGET', new, unpack(ids))
  local are_all = true
  for k = 1, #ids do
    local id, record, place = ids[k], records[k], begun
    if not record and id ~= '' then
      record, place = call('HGET', old, id), begun_old
    end
    local letter = record and sub(record, 1, 1)
    if letter == 'n' or letter == 'N' then
      local at = #place
      place[at + 1] = id
      place[at + 2] = (letter == 'n' and 'r' or 'R') .. head .. sub(record, 2)
      at = #taken
      taken[at + 1] = field_start .. id
      taken[at + 2] = envelopes[k]
      kinds[k] = '1'
    else
      kinds[k] = '0'
      are_all = false
    end
  end
  return are_all
end
local function take_from(list, queue)
  local wanted = math.min(left, 1000)
  local envelopes = call('RPOP', list, wanted)
  if not envelopes then return false end
  local count = #envelopes
  local fence = call('INCRBY', 'brio:fences', count + 1) - count
  taken, begun, begun_old, kinds = {}, {}, {}, {}
  local fence_text = format('%.0f', fence)
  head = fence_text .. '\031' .. worker .. '\031"begun":' .. now .. ','
  field_start = fence_text .. ' '
  local are_all = claim_plain(envelopes)
  if not are_all then
    for k = 1, count do
      if kinds[k] == '0' then
        taken[#taken + 1] = format('%.0f', fence + k)
        taken[#taken + 1] = #list .. ':' .. list .. envelopes[k]
      end
    end
  end
  call_with_all('HSET', taken_by(worker), taken)
  call_with_all('HSET', new, begun)
  call_with_all('HSET', old, begun_old)
  given[#given + 1] = {queue, fence, envelopes, are_all and '' or table.concat(kinds)}
  left = left - count
  return left > 0 and count == wanted
end
local function take_from_all(queue)
  if call('SISMEMBER', 'brio:paused', queue) == 1 then return end
  if #call('ZRANGEBYSCORE', 'brio:scheduled:' .. queue, '-inf', now, 'LIMIT', 0, 1) > 0 then
    rest().move_due(queue, now)
  end
  for _, step in ipairs({'', SEPARATOR .. '3', SEPARATOR .. '6', SEPARATOR .. '9'}) do
    while left > 0 and take_from(queue .. step, queue) do end
  end
end
for i = 4, #ARGV do
  if left > 0 then take_from_all(ARGV[i]) end
end
return given
)lua");
    return script.script();
}

const redis::Script& adopt() {
    static const Whole script(R"lua(
local worker, now = ARGV[1], ARGV[2]
local claims, held, gone = {}, {}, {}
if call('HEXISTS', 'brio:workers', worker) == 0 then return claims end
local back = tonumber(call('HGET', 'brio:back', worker) or 0)
-- What Python pushed, and what cannot simply begin.
local function adopt_other(number, fence, field, kind, id, known, more)
  local name, queue, priority, due, failures, pushed, words = unpack(cmsgpack.unpack(more))
  failures = math.max(tonumber(known[2] or 0), tonumber(failures))
  if known[1] then
    call('ZREM', 'brio:scheduled:' .. queue, id)
    call('HSET', key(id), 'failures', failures, 'envelope', '')
  else
    local age = call('INCR', 'brio:ages')
    call('ZADD', 'brio:index', age, id)
    call('HSET', key(id), 'age', age, 'pushed', pushed, 'due', due == '' and now or due, 'name', name,
         'queue', queue, 'priority', priority, 'failures', failures, 'deaths', 0)
    call('SADD', 'brio:queues', queue)
  end
  local deaths = known[1] and known[3] or 0
  local is_over = kind == 'later' and call('HEXISTS', key(id), 'revoked') == 1
  if kind == 'new' or kind == 'ignored' or is_over then
    call('HSET', key(id), 'state', 'running', 'worker', worker, 'fence', fence, 'begun', now, 'ignores',
         kind == 'ignored' and 1 or 0)
    held[#held + 1] = field
    held[#held + 1] = '!' .. id
    claims[#claims + 1] = number
    claims[#claims + 1] = failures
    claims[#claims + 1] = tonumber(deaths)
    return
  end
  if kind == 'refused' then
    call('HSET', key(id), 'error', words, 'error_type', 'refused')
    bury(id, queue, now, 3600, '', envelope_of(worker, field))
  elseif kind == 'expired' then
    finish(id, 'expired', now, 3600, words)
  else
    call('HSET', key(id), 'state', waiting_state(failures))
    schedule(id, queue, due, envelope_of(worker, field))
  end
  gone[#gone + 1] = field
end
-- It was plain, and its result is still there.
local function is_done(id)
  local result = call('GET', 'celery-task-meta-' .. id)
  return result and string.find(result, '"status":"SUCCESS"', 1, true) and
         string.find(result, '"pushed":', 1, true)
end
local function adopt_one(number, fence, kind, id, more)
  local field = fence .. ' ' .. id
  local record = plain_of(id)
  local is_own = is_plain_of(record, worker, fence) and call('HEXISTS', taken_by(worker), field) == 1
  if not is_own then field = fence end
  if is_own or (record and string.find(record, '^[nN]')) then
    unfold(id)
    if is_own then
      call('HDEL', running_by(worker), field)
      call('HSET', key(id), 'state', 'pending')
    end
    record = nil
  end
  local known = call('HMGET', key(id), 'state', 'failures', 'deaths', 'until')
  if known[1] and is_forgotten(known[4], now) then
    drop(id)
    known = {}
  end
  if record or (known[1] and not is_waiting(known[1])) or (not known[1] and is_done(id)) then
    gone[#gone + 1] = field
  else
    adopt_other(number, fence, field, kind, id, known, more)
  end
end
for i = 3, #ARGV, 4 do
  if tonumber(ARGV[i]) > back then adopt_one((i + 1) / 4, unpack(ARGV, i, i + 3)) end
end
call_with_all('HSET', running_by(worker), held)
call_with_all('HDEL', taken_by(worker), gone)
return claims
)lua");
    return script.script();
}

}  // namespace brio::tasks::redis_scripts
