#include <brio/tasks/redis_scripts.hpp>
#include <brio/tasks/redis_whole_script.hpp>

namespace brio::tasks::redis_scripts {

const redis::Script& push() {
    static const Whole script(R"lua(
local now = ARGV[1]
for i = 2, #ARGV, 8 do
  local id, name, queue, priority, due, failures, pushed, envelope = unpack(ARGV, i, i + 7)
  local known = redis.call('HMGET', key(id), 'state', 'until')
  if not known[1] or is_forgotten(known[2], now) then
    local age = new_age(id)
    redis.call('DEL', key(id))
    redis.call('HSET', key(id), 'state', waiting_state(failures), 'name', name, 'queue', queue, 'priority',
               priority, 'due', due == '' and now or due, 'failures', failures, 'deaths', 0, 'pushed',
               pushed, 'age', age)
    redis.call('SADD', 'brio:queues', queue)
    move_due(queue, now)
    if due ~= '' and tonumber(due) > tonumber(now) then
      schedule(id, queue, due, envelope)
    else
      into_list(id, now, queue, priority, envelope)
    end
  end
end
return 1
)lua");
    return script.script();
}

const redis::Script& take() {
    static const Whole script(R"lua(
local worker, now, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local taken = {}
if redis.call('HEXISTS', 'brio:workers', worker) == 0 then return taken end
for i = 4, #ARGV do
  local queue = ARGV[i]
  if #taken < most * 3 and redis.call('SISMEMBER', 'brio:paused', queue) == 0 then
    move_due(queue, now)
    for _, list in ipairs(lists_of(queue)) do
      while #taken < most * 3 do
        local envelope = redis.call('RPOP', list)
        if not envelope then break end
        local fence = whole(redis.call('INCR', 'brio:fences'))
        redis.call('HSET', 'brio:taken:' .. worker, fence, #list .. ':' .. list .. envelope)
        taken[#taken + 1] = fence
        taken[#taken + 1] = queue
        taken[#taken + 1] = envelope
      end
    end
  end
end
return taken
)lua");
    return script.script();
}

const redis::Script& adopt() {
    static const Whole script(R"lua(
local worker, now = ARGV[1], ARGV[2]
local claims = {}
local function envelope_of(fence)
  local value = redis.call('HGET', 'brio:taken:' .. worker, fence)
  if not value then return nil end
  redis.call('HDEL', 'brio:taken:' .. worker, fence)
  local colon = string.find(value, ':', 1, true)
  return string.sub(value, colon + 1 + tonumber(string.sub(value, 1, colon - 1)))
end
for i = 3, #ARGV, 11 do
  local fence, kind, id, name, queue, priority, due, failures, pushed, ignores, words =
    unpack(ARGV, i, i + 10)
  local envelope = envelope_of(fence)
  local known = redis.call('HMGET', key(id), 'state', 'failures', 'deaths', 'until')
  local state = known[1]
  if state and is_forgotten(known[4], now) then
    drop(id)
    state = nil
  end
  if envelope and (not state or state == 'pending' or state == 'retrying') then
    redis.call('ZREM', 'brio:scheduled:' .. queue, id)
    failures = state and math.max(tonumber(known[2] or 0), tonumber(failures)) or tonumber(failures)
    local deaths = state and known[3] or 0
    if not state then
      redis.call('HSET', key(id), 'age', new_age(id), 'pushed', pushed, 'due', due == '' and now or due)
    end
    redis.call('HSET', key(id), 'name', name, 'queue', queue, 'priority', priority, 'failures',
               failures, 'deaths', deaths, 'ignores', ignores)
    redis.call('SADD', 'brio:queues', queue)
    if kind == 'refused' then
      redis.call('HSET', key(id), 'envelope', envelope, 'error', words, 'error_type', 'refused')
      bury(id, queue, now, 3600, '')
    elseif kind == 'expired' then
      finish(id, 'expired', now, 3600, words)
    elseif kind == 'later' then
      redis.call('HSET', key(id), 'state', waiting_state(failures))
      schedule(id, queue, due, envelope)
    else
      redis.call('HSET', key(id), 'state', 'running', 'worker', worker, 'fence', fence, 'begun', now,
                 'envelope', envelope)
      remember(id)
      redis.call('SADD', 'brio:held:' .. worker, id)
      claims[#claims + 1] = fence
      claims[#claims + 1] = whole(failures)
      claims[#claims + 1] = tostring(deaths)
    end
  end
end
return claims
)lua");
    return script.script();
}

const redis::Script& settle() {
    static const Whole script(R"lua(
local worker, now = ARGV[1], ARGV[2]
local settled = {}
local go_back = {}
for i = 3, #ARGV, 11 do
  local id, fence, outcome, result, words, kind, due, keeps, lasts, json, again = unpack(ARGV, i, i + 10)
  local task = redis.call('HMGET', key(id), 'state', 'worker', 'fence', 'revoked', 'queue', 'priority',
                          'envelope', 'failures', 'ignores')
  local is_held = task[1] == 'running' and task[2] == worker and task[3] == fence
  settled[#settled + 1] = is_held and 1 or 0
  if is_held then
    local queue, priority, envelope = task[5], task[6], task[7]
    redis.call('SREM', 'brio:held:' .. worker, id)
    redis.call('SREM', 'brio:revoked', id)
    redis.call('HSET', key(id), 'error', words, 'error_type', kind)
    if (outcome == 'retried' or outcome == 'returned') and task[4] then
      finish(id, 'revoked', now, lasts, json)
    elseif outcome == 'done' then
      if keeps == '0' or task[9] == '1' then
        drop(id)
      else
        redis.call('HSET', key(id), 'result', result)
        finish(id, 'done', now, lasts, json)
      end
    elseif outcome == 'failed' then
      redis.call('HINCRBY', key(id), 'failures', 1)
      bury(id, queue, now, lasts, json)
    elseif outcome == 'expired' or outcome == 'revoked' then
      finish(id, outcome, now, lasts, json)
    elseif outcome == 'retried' then
      redis.call('HINCRBY', key(id), 'failures', 1)
      redis.call('HSET', key(id), 'state', 'retrying', 'due', due)
      if again ~= '' then envelope = again end
      if tonumber(due) > tonumber(now) then
        schedule(id, queue, due, envelope)
      else
        into_list(id, now, queue, priority, envelope)
      end
    else
      redis.call('HSET', key(id), 'state', waiting_state(task[8]))
      go_back[#go_back + 1] = {id, queue, priority, envelope}
    end
  end
end
for i = #go_back, 1, -1 do
  local task = go_back[i]
  into_list(task[1], now, task[2], task[3], task[4], true)
end
return settled
)lua");
    return script.script();
}

}  // namespace brio::tasks::redis_scripts
