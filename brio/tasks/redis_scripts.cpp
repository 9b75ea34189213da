#include <brio/tasks/redis_scripts.hpp>
#include <brio/tasks/redis_whole_script.hpp>

namespace brio::tasks::redis_scripts {

const redis::Script& push() {
    static const Whole script(R"lua(
local now = ARGV[1]
local count = (#ARGV - 1) / 8
local age = call('INCRBY', 'brio:ages', count) - count
local till = until_after(now, 7 * DAY)
local ages, untils, queues = {}, {}, {}
for i = 2, #ARGV, 8 do
  local id, name, queue, priority, due, failures, pushed, envelope = unpack(ARGV, i, i + 7)
  local known = call('HMGET', key(id), 'state', 'until')
  if not known[1] or is_forgotten(known[2], now) then
    age = age + 1
    if known[1] then call('DEL', key(id)) end
    call('HSET', key(id), 'state', waiting_state(failures), 'name', name, 'queue', queue, 'priority',
         priority, 'due', due == '' and now or due, 'failures', failures, 'deaths', 0, 'pushed', pushed,
         'age', age)
    ages[#ages + 1] = age
    ages[#ages + 1] = id
    if not queues[queue] then
      queues[queue] = true
      call('SADD', 'brio:queues', queue)
      move_due(queue, now)
    end
    if due ~= '' and tonumber(due) > tonumber(now) then
      schedule(id, queue, due, envelope)
    else
      call('LPUSH', list_of(queue, priority), envelope)
      untils[#untils + 1] = till
      untils[#untils + 1] = id
    end
  end
end
call_with_all('ZADD', 'brio:index', ages)
call_with_all('ZADD', 'brio:until', untils)
-- Where only Python has workers nobody else does.
sweep(now, 2 * count)
return 1
)lua");
    return script.script();
}

const redis::Script& take() {
    static const Whole script(R"lua(
local worker, now, left = ARGV[1], ARGV[2], tonumber(ARGV[3])
local given = {}
if call('HEXISTS', 'brio:workers', worker) == 0 then return given end
local function take_from(list, queue)
  local envelopes = call('RPOP', list, left)
  if not envelopes then return end
  local count = #envelopes
  local fence = call('INCRBY', 'brio:fences', count) - count
  local start = #list .. ':' .. list
  local taken = {}
  for k, envelope in ipairs(envelopes) do
    taken[2 * k - 1] = fence + k
    taken[2 * k] = start .. envelope
  end
  call_with_all('HSET', taken_by(worker), taken)
  given[#given + 1] = {queue, fence + 1, envelopes}
  left = left - count
end
for i = 4, #ARGV do
  local queue = ARGV[i]
  if left > 0 and call('SISMEMBER', 'brio:paused', queue) == 0 then
    move_due(queue, now)
    for _, list in ipairs(lists_of(queue)) do
      if left > 0 then take_from(list, queue) end
    end
  end
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
local function claim(fence, id, failures, deaths)
  held[#held + 1] = fence
  held[#held + 1] = id
  claims[#claims + 1] = tonumber(fence)
  claims[#claims + 1] = failures
  claims[#claims + 1] = tonumber(deaths)
end
-- What Python pushed, and what cannot simply begin.
local function adopt_other(fence, kind, id, known, failures, more)
  local name, queue, priority, due, pushed, words = unpack(cmsgpack.unpack(more))
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
  if kind == 'claimed' or kind == 'ignored' then
    call('HSET', key(id), 'state', 'running', 'worker', worker, 'fence', fence, 'begun', now, 'ignores',
         kind == 'ignored' and 1 or 0)
    claim(fence, id, failures, deaths)
    return
  end
  if kind == 'refused' then
    call('HSET', key(id), 'error', words, 'error_type', 'refused')
    bury(id, queue, now, 3600, '', envelope_of(worker, fence))
  elseif kind == 'expired' then
    finish(id, 'expired', now, 3600, words)
  else
    call('HSET', key(id), 'state', waiting_state(failures))
    schedule(id, queue, due, envelope_of(worker, fence))
  end
  gone[#gone + 1] = fence
end
for i = 3, #ARGV, 5 do
  local fence, kind, id, failures, more = unpack(ARGV, i, i + 4)
  if tonumber(fence) > back then
    local known = call('HMGET', key(id), 'state', 'failures', 'deaths', 'until', 'envelope')
    if known[1] and is_forgotten(known[4], now) then
      drop(id)
      known = {}
    end
    local state = known[1]
    local counted = tonumber(known[2] or 0)
    failures = math.max(counted, tonumber(failures))
    if state and state ~= 'pending' and state ~= 'retrying' then
      gone[#gone + 1] = fence
    elseif state and kind == 'claimed' and failures == counted and not is_set(known[5]) then
      call('HSET', key(id), 'state', 'running', 'worker', worker, 'fence', fence, 'begun', now)
      claim(fence, id, failures, known[3])
    else
      adopt_other(fence, kind, id, known, failures, more)
    end
  end
end
call_with_all('HSET', running_by(worker), held)
call_with_all('HDEL', taken_by(worker), gone)
return claims
)lua");
    return script.script();
}

const redis::Script& settle() {
    static const Whole script(R"lua(
local worker, now = ARGV[1], ARGV[2]
local settled, ended, go_back, untils = {}, {}, {}, {}
local function done(id, lasts, json, result, has_trouble)
  local seconds = math.max(1, tonumber(lasts))
  local till = until_after(now, seconds)
  call('HSET', key(id), 'state', 'done', 'ended', now, 'until', till, 'result', result)
  if has_trouble then call('HDEL', key(id), 'error', 'error_type', 'revoked') end
  untils[#untils + 1] = till
  untils[#untils + 1] = id
  publish(id, seconds, json)
end
local function settle_other(id, fence, outcome, lasts, json, more, is_revoked)
  local words, kind, due, again = unpack(cmsgpack.unpack(more))
  local queue, priority, failures = unpack(call('HMGET', key(id), 'queue', 'priority', 'failures'))
  call('HSET', key(id), 'error', words, 'error_type', kind)
  if (outcome == 'retried' or outcome == 'returned') and is_revoked then
    finish(id, 'revoked', now, lasts, json)
  elseif outcome == 'failed' then
    call('HINCRBY', key(id), 'failures', 1)
    bury(id, queue, now, lasts, json, envelope_of(worker, fence))
  elseif outcome == 'expired' or outcome == 'revoked' then
    finish(id, outcome, now, lasts, json)
  elseif outcome == 'retried' then
    call('HINCRBY', key(id), 'failures', 1)
    call('HSET', key(id), 'state', 'retrying', 'due', due)
    local envelope = again ~= '' and again or envelope_of(worker, fence)
    if tonumber(due) > tonumber(now) then
      schedule(id, queue, due, envelope)
    else
      into_list(id, now, queue, priority, envelope)
    end
  else
    call('HSET', key(id), 'state', waiting_state(failures))
    go_back[#go_back + 1] = {id, queue, priority, envelope_of(worker, fence)}
  end
end
for i = 3, #ARGV, 8 do
  local id, fence, outcome, keeps, lasts, json, result, more = unpack(ARGV, i, i + 7)
  local task = call('HMGET', key(id), 'state', 'worker', 'fence', 'ignores', 'failures', 'deaths', 'revoked')
  local is_held = task[1] == 'running' and task[2] == worker and task[3] == fence
  settled[#settled + 1] = is_held and 1 or 0
  if is_held then
    ended[#ended + 1] = fence
    if task[7] then call('SREM', 'brio:revoked', id) end
    if outcome ~= 'done' then
      settle_other(id, fence, outcome, lasts, json, more, task[7])
    elseif keeps == '0' or task[4] == '1' then
      drop(id)
    else
      done(id, lasts, json, result, task[5] ~= '0' or task[6] ~= '0' or task[7])
    end
  end
end
for i = #go_back, 1, -1 do
  local task = go_back[i]
  into_list(task[1], now, task[2], task[3], task[4], true)
end
call_with_all('ZADD', 'brio:until', untils)
call_with_all('HDEL', running_by(worker), ended)
call_with_all('HDEL', taken_by(worker), ended)
return settled
)lua");
    return script.script();
}

}  // namespace brio::tasks::redis_scripts
