#include <brio/tasks/redis_scripts.hpp>
#include <brio/tasks/redis_whole_script.hpp>

namespace brio::tasks::redis_scripts {

// First those that are done and whose results last equally long: fence, id and the result without its first
// brace, nothing where it is not kept. Then the others: fence, id, what becomes of it, its result, more.
const redis::Script& settle() {
    static const Swift script(R"lua(
local worker, now, count, seconds = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local last_done = 4 + 3 * count
local new, old = plain_places()
local settled, left = {}, {}
local starts = {}
local function plain_start(fence)
  local start = starts[fence]
  if not start then
    start = fence .. '\031' .. worker .. '\031'
    starts[fence] = start
  end
  return start
end
local function records_of(ids)
  local records = {}
  for i = 1, #ids, 1000 do
    for k, record in ipairs(call('HMGET', new, unpack(ids, i, math.min(i + 999, #ids)))) do
      records[i + k - 1] = record or call('HGET', old, ids[i + k - 1])
    end
  end
  return records
end
local function settle_plain()
  local ids, taken, done, kept = {}, {}, {}, {}
  for i = 5, last_done, 3 do ids[#ids + 1] = ARGV[i + 1] end
  local records = records_of(ids)
  for k = 1, count do
    local i = 2 + 3 * k
    local record, id, fence = records[k], ids[k], ARGV[i]
    local start = plain_start(fence)
    if record and sub(record, 2, 1 + #start) == start then
      settled[k] = 1
      taken[#taken + 1] = fence .. ' ' .. id
      done[#done + 1] = id
      if ARGV[i + 2] ~= '' and sub(record, 1, 1) == 'r' then
        kept[#kept + 1] = id
        local result = 'celery-task-meta-' .. id
        local json = '{' .. sub(record, 2 + #start) .. ',' .. ARGV[i + 2]
        call('SETEX', result, seconds, json)
        call('PUBLISH', result, json)
      end
    else
      settled[k] = 0
      left[#left + 1] = k
    end
  end
  if #done == 0 then return end
  call_with_all('HDEL', taken_by(worker), taken)
  call_with_all('HDEL', new, done)
  if call('EXISTS', old) == 1 then call_with_all('HDEL', old, done) end
  if #kept == 0 then return end
  local place = 'brio:done:' .. seconds
  if call('RPUSH', place, table.concat(kept, ' ')) == 1 then call('SADD', 'brio:lasts', seconds) end
  local oldest = string.match(call('LINDEX', place, 0), '^%S+')
  if call('EXISTS', 'celery-task-meta-' .. oldest) == 0 then rest().forget_done(seconds, 2) end
end
if count > 0 then settle_plain() end

local more
local go_back = {}
local function settle_held(fence, field, id, how, json, packed)
  local outcome, keeps, lasts = string.match(how, '(%a+) (%d) (%d+)')
  local is_revoked = call('SREM', 'brio:revoked', id) == 1
  if outcome == 'done' then
    if keeps == '0' or call('HGET', key(id), 'ignores') == '1' then return more.drop(id) end
    local till = more.until_after(now, math.max(1, tonumber(lasts)))
    call('HSET', key(id), 'state', 'done', 'until', till)
    call('HDEL', key(id), 'error', 'error_type', 'revoked')
    call('ZADD', 'brio:until', till, id)
    return more.publish(id, math.max(1, tonumber(lasts)), json)
  end
  local words, kind, due, again = unpack(cmsgpack.unpack(packed))
  local queue, priority, failures = unpack(call('HMGET', key(id), 'queue', 'priority', 'failures'))
  if outcome ~= 'returned' then call('HSET', key(id), 'error', words, 'error_type', kind) end
  local goes_back = outcome == 'retried' or outcome == 'returned'
  if goes_back and is_revoked and not call('HGET', key(id), 'followed') then
    more.finish(id, 'revoked', now, lasts, json)
  elseif outcome == 'failed' then
    call('HINCRBY', key(id), 'failures', 1)
    more.bury(id, queue, now, lasts, json, more.envelope_of(worker, field))
  elseif outcome == 'expired' or outcome == 'revoked' then
    more.finish(id, outcome, now, lasts, json)
  elseif outcome == 'retried' then
    call('HINCRBY', key(id), 'failures', 1)
    call('HSET', key(id), 'state', 'retrying', 'due', due)
    local envelope = again ~= '' and again or more.envelope_of(worker, field)
    if tonumber(due) > tonumber(now) then
      more.schedule(id, queue, due, envelope)
    else
      more.into_list(id, now, queue, priority, envelope)
    end
  else
    call('HSET', key(id), 'state', more.waiting_state(failures))
    go_back[#go_back + 1] = {id, queue, priority, more.envelope_of(worker, field)}
  end
end
-- The field by which the worker holds it; what is plain no longer is so then.
local function field_of(fence, id)
  local taken, running = taken_by(worker), more.running_by(worker)
  local field = fence .. ' ' .. id
  if call('HEXISTS', running, field) == 1 then return field end
  local envelope = call('HGET', taken, field)
  if envelope then
    more.unfold(id, envelope, worker, fence)
    return field
  end
  local held = call('HGET', running, fence)
  return held and sub(held, 2) == id and fence
end
local function settle_other(at, fence, id, how, json, packed)
  more = more or rest()
  local field = field_of(fence, id)
  settled[at] = field and 1 or 0
  if field then
    settle_held(fence, field, id, how, json, packed)
    call('HDEL', taken_by(worker), field)
    call('HDEL', more.running_by(worker), field)
  end
end
for _, k in ipairs(left) do
  local i = 2 + 3 * k
  local keeps = ARGV[i + 2] == '' and 'done 0 ' or 'done 1 '
  settle_other(k, ARGV[i], ARGV[i + 1], keeps .. seconds, '{' .. ARGV[i + 2], '')
end
for i = last_done + 1, #ARGV, 5 do settle_other(#settled + 1, unpack(ARGV, i, i + 4)) end
for i = #go_back, 1, -1 do
  local task = go_back[i]
  more.into_list(task[1], now, task[2], task[3], task[4], true)
end
return settled
)lua");
    return script.script();
}

}  // namespace brio::tasks::redis_scripts
