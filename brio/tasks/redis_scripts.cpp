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
    local is_new = failures == '0' and (due == '' or tonumber(due) <= tonumber(now))
    call('HSET', key(id), 'state', is_new and 'new' or waiting_state(failures), 'name', name, 'queue', queue,
         'priority', priority, 'due', due == '' and now or due, 'pushed', pushed, 'age', age)
    if failures ~= '0' then call('HSET', key(id), 'failures', failures) end
    ages[#ages + 1] = age
    ages[#ages + 1] = id
    if not queues[queue] then
      queues[queue] = true
      call('SADD', 'brio:queues', queue)
      move_due(queue, now)
    end
    if not is_new and due ~= '' and tonumber(due) > tonumber(now) then
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
local function claim(fence, id, failures, deaths, is_plain)
  held[#held + 1] = fence
  held[#held + 1] = (is_plain and '.' or '!') .. id
  claims[#claims + 1] = tonumber(fence)
  claims[#claims + 1] = failures
  claims[#claims + 1] = tonumber(deaths)
end
-- What Python pushed, and what cannot simply begin.
local function adopt_other(fence, kind, id, known, more)
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
  if kind == 'new' or kind == 'again' or kind == 'ignored' then
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
local function adopt_one(fence, kind, id, more)
  local known = call('HMGET', key(id), 'state', 'failures', 'deaths', 'until')
  if known[1] and is_forgotten(known[4], now) then
    drop(id)
    known = {}
  end
  if known[1] and not is_waiting(known[1]) then
    gone[#gone + 1] = fence
  else
    adopt_other(fence, kind, id, known, more)
  end
end
for i = 3, #ARGV, 4 do
  local fence, kind, id = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if tonumber(fence) > back then
    local place = key(id)
    if kind == 'new' and call('HGET', place, 'state') == 'new' then
      call('HSET', place, 'state', 'running', 'worker', worker, 'fence', fence, 'begun', now)
      claim(fence, id, 0, 0, true)
    else
      adopt_one(fence, kind, id, ARGV[i + 3])
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
local function done(id, seconds, json)
  local till = until_after(now, seconds)
  call('HSET', key(id), 'state', 'done', 'until', till)
  untils[#untils + 1] = till
  untils[#untils + 1] = id
  publish(id, seconds, json)
end
local function settle_other(id, fence, outcome, lasts, json, more, is_revoked)
  local words, kind, due, again = unpack(cmsgpack.unpack(more))
  local queue, priority, failures = unpack(call('HMGET', key(id), 'queue', 'priority', 'failures'))
  if outcome ~= 'returned' then call('HSET', key(id), 'error', words, 'error_type', kind) end
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
local fences = {}
for i = 3, #ARGV, 5 do fences[#fences + 1] = ARGV[i] end
local held = get_all(running_by(worker), fences)
local any_revoked = call('EXISTS', 'brio:revoked') == 1
local ways = {}
for i = 3, #ARGV, 5 do
  local fence, id, how, json, more = unpack(ARGV, i, i + 4)
  local at = #settled + 1
  local is_plain = held[at] == '.' .. id
  local is_held = is_plain or held[at] == '!' .. id
  settled[at] = is_held and 1 or 0
  if is_held then
    ended[#ended + 1] = fence
    local way = ways[how]
    if not way then
      way = {string.match(how, '(%a+) (%d) (%d+)')}
      way[3] = math.max(1, tonumber(way[3]))
      ways[how] = way
    end
    local is_revoked = any_revoked and call('SREM', 'brio:revoked', id) == 1
    local keeps = way[2] == '1' and (is_plain or call('HGET', key(id), 'ignores') ~= '1')
    if way[1] ~= 'done' then
      settle_other(id, fence, way[1], way[3], json, more, is_revoked)
    elseif keeps then
      done(id, way[3], json)
      if not is_plain or is_revoked then call('HDEL', key(id), 'error', 'error_type', 'revoked') end
    else
      drop(id)
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
