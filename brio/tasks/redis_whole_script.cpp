#include <brio/tasks/redis_whole_script.hpp>

#include <brio/base/text.hpp>

namespace brio::tasks::redis_scripts {
namespace {

constexpr std::string_view common = R"lua(
local SEPARATOR = '\006\022'
local DAY = 86400
local call = redis.call
local function key(id) return 'brio:task:' .. id end
local function taken_by(worker) return 'brio:taken:' .. worker end
local function running_by(worker) return 'brio:running:' .. worker end
local function whole(number) return string.format('%.0f', number) end
local function list_of(queue, priority)
  local p = tonumber(priority) or 0
  if p < 3 then return queue end
  return queue .. SEPARATOR .. (p >= 9 and 9 or p - p % 3)
end
local function lists_of(queue)
  return {queue, queue .. SEPARATOR .. '3', queue .. SEPARATOR .. '6', queue .. SEPARATOR .. '9'}
end
local function is_set(value) return value and value ~= '' end
-- 'new' is pending without anything that is known besides: with no failures, deaths or schedule.
local function is_waiting(state) return state == 'new' or state == 'pending' or state == 'retrying' end
local function is_forgotten(till, now) return till and tonumber(till) <= tonumber(now) end
-- One call for many arguments costs a tenth of one for each; it takes some thousands at most.
local function call_with_all(command, place, arguments)
  for i = 1, #arguments, 1000 do
    call(command, place, unpack(arguments, i, math.min(i + 999, #arguments)))
  end
end
local function get_all(place, fields)
  local all = {}
  for i = 1, #fields, 1000 do
    for _, value in ipairs(call('HMGET', place, unpack(fields, i, math.min(i + 999, #fields)))) do
      all[#all + 1] = value
    end
  end
  return all
end
local function until_after(now, seconds) return whole(tonumber(now) + seconds * 1000000) end
local function drop(id)
  call('DEL', key(id))
  call('ZREM', 'brio:index', id)
  call('ZREM', 'brio:until', id)
end
-- Python's workers may take it from there, who tell nobody: so what is known of it is not kept for ever.
local function into_list(id, now, queue, priority, envelope, is_next)
  call(is_next and 'RPUSH' or 'LPUSH', list_of(queue, priority), envelope)
  call('HSET', key(id), 'envelope', '')
  call('ZADD', 'brio:until', until_after(now, 7 * DAY), id)
end
-- Some of those whose time is over: what runs meanwhile, is scheduled or dead has none.
local function sweep(now, most)
  local ids = call('ZRANGEBYSCORE', 'brio:until', '-inf', now, 'LIMIT', 0, most)
  for _, id in ipairs(ids) do
    local task = call('HMGET', key(id), 'state', 'until', 'envelope')
    if not task[1] or is_forgotten(task[2], now) or (is_waiting(task[1]) and not is_set(task[3])) then
      call('DEL', 'celery-task-meta-' .. id)
      drop(id)
    else
      call('ZREM', 'brio:until', id)
    end
  end
  return #ids
end
local function last_fence() return call('GET', 'brio:fences') or '0' end
local function list_and_envelope(worker, fence)
  local value = call('HGET', taken_by(worker), fence)
  local colon = string.find(value, ':', 1, true)
  local size = tonumber(string.sub(value, 1, colon - 1))
  return string.sub(value, colon + 1, colon + size), string.sub(value, colon + size + 1)
end
local function envelope_of(worker, fence)
  local _, envelope = list_and_envelope(worker, fence)
  return envelope
end
-- What was taken up to that fence and is not adopted goes back, and cannot be adopted any more.
local function untake(worker, last)
  local taken, running = taken_by(worker), running_by(worker)
  if call('HLEN', taken) == call('HLEN', running) then return end
  local fences = {}
  for _, fence in ipairs(call('HKEYS', taken)) do
    if tonumber(fence) <= (tonumber(last) or 0) and call('HEXISTS', running, fence) == 0 then
      fences[#fences + 1] = tonumber(fence)
    end
  end
  table.sort(fences, function(a, b) return a > b end)
  for _, fence in ipairs(fences) do
    call('RPUSH', list_and_envelope(worker, whole(fence)))
    call('HDEL', taken, whole(fence))
  end
  call('HSET', 'brio:back', worker, last)
end
local function schedule(id, queue, due, envelope)
  call('HSET', key(id), 'envelope', envelope, 'due', due)
  call('ZADD', 'brio:scheduled:' .. queue, due, id)
end
local function move_due(queue, now)
  local place = 'brio:scheduled:' .. queue
  for _, id in ipairs(call('ZRANGEBYSCORE', place, '-inf', now, 'LIMIT', 0, 1000)) do
    local task = call('HMGET', key(id), 'envelope', 'priority')
    if is_set(task[1]) then into_list(id, now, queue, task[2], task[1]) end
    call('ZREM', place, id)
  end
end
local function publish(id, seconds, json)
  if json ~= '' then
    local result = 'celery-task-meta-' .. id
    call('SETEX', result, whole(seconds), json)
    call('PUBLISH', result, json)
  end
end
local function finish(id, state, now, seconds, json)
  seconds = math.max(1, tonumber(seconds))
  local till = until_after(now, seconds)
  call('HSET', key(id), 'state', state, 'ended', now, 'until', till, 'envelope', '')
  call('HDEL', key(id), 'revoked')
  call('ZADD', 'brio:until', till, id)
  publish(id, seconds, json)
end
local function bury(id, queue, now, seconds, json, envelope)
  call('HSET', key(id), 'state', 'failed', 'ended', now, 'envelope', envelope)
  call('HDEL', key(id), 'revoked')
  call('ZADD', 'brio:dead:' .. queue, now, id)
  call('SADD', 'brio:queues', queue)
  publish(id, math.max(1, tonumber(seconds)), json)
end
local function waiting_state(failures) return tonumber(failures or 0) > 0 and 'retrying' or 'pending' end
local function told(id)
  local fields = call('HMGET', key(id), 'state', 'name', 'queue', 'failures', 'deaths', 'progress', 'words',
                      'error', 'error_type', 'pushed', 'due', 'begun', 'ended', 'until')
  fields[#fields + 1] = fields[1] == 'done' and call('GET', 'celery-task-meta-' .. id) or ''
  return fields
end
)lua";

}  // namespace

Whole::Whole(std::string_view text) : text_(concat({common, text})), script_(text_) {}

}  // namespace brio::tasks::redis_scripts
