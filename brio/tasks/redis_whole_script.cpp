#include <brio/tasks/redis_whole_script.hpp>

#include <brio/base/text.hpp>

namespace brio::tasks::redis_scripts {
namespace {

// What every script begins with.
constexpr std::string_view first = R"lua(
local SEPARATOR = '\006\022'
local DAY = 86400
local call, sub = redis.call, string.sub
local function key(id) return 'brio:task:' .. id end
local function taken_by(worker) return 'brio:taken:' .. worker end
-- One call for many arguments costs a tenth of one for each; it takes some thousands at most.
local function call_with_all(command, place, arguments)
  for i = 1, #arguments, 1000 do
    call(command, place, unpack(arguments, i, math.min(i + 999, #arguments)))
  end
end
-- Where plain records are: of this era, and of the last one.
local function plain_places()
  local places = call('HMGET', 'brio:era', 'new', 'old')
  return places[1] or 'brio:plain:1', places[2] or 'brio:plain:0'
end
)lua";

// What most of them need besides: with a task that is more than a plain record, above all.
constexpr std::string_view rest = R"lua(
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
-- 'new' is what an older Brio wrote for pending.
local function is_waiting(state) return state == 'new' or state == 'pending' or state == 'retrying' end
local function is_forgotten(till, now) return till and tonumber(till) <= tonumber(now) end
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
local function plain_of(id)
  local new, old = plain_places()
  local record = call('HGET', new, id)
  if record then return record, new end
  return call('HGET', old, id), old
end
-- What the record says, and if it runs the fence and the worker.
local function read_plain(record)
  local start, fence, worker = string.match(record, '^([rR](%d+)\031([^\031]*)\031)')
  return cjson.decode('{' .. sub(record, 1 + #(start or 'n')) .. '}'), fence, worker
end
-- Whether this worker holds it by this fence and nothing more is known of it.
local function is_plain_of(record, worker, fence)
  local start = fence .. '\031' .. worker .. '\031'
  return record and sub(record, 2, 1 + #start) == start
end
-- Makes a hash of a plain record, as others change it. One that runs and whose record is lost is what its
-- envelope says.
local function unfold(id, lost_envelope, worker, fence)
  local record, place = plain_of(id)
  local known
  if record then
    call('HDEL', place, id)
    known, fence, worker = read_plain(record)
  elseif lost_envelope then
    local envelope = cjson.decode(lost_envelope)
    known = {name = envelope.headers.task, queue = envelope.properties.delivery_info.routing_key,
             priority = envelope.properties.priority or 0, pushed = 0, begun = 0}
  else
    return false
  end
  local age = call('INCR', 'brio:ages')
  local ignores = record and (sub(record, 1, 1) == 'N' or sub(record, 1, 1) == 'R')
  call('ZADD', 'brio:index', age, id)
  call('HSET', key(id), 'state', 'pending', 'name', known.name, 'queue', known.queue, 'priority',
       known.priority, 'due', whole(known.pushed), 'pushed', whole(known.pushed), 'age', age, 'envelope', '',
       'ignores', ignores and 1 or 0)
  if fence then
    call('HSET', key(id), 'state', 'running', 'worker', worker, 'fence', fence, 'begun', whole(known.begun))
    call('HSET', running_by(worker), fence .. ' ' .. id, '!' .. id)
  else
    call('ZADD', 'brio:until', until_after(known.pushed, 7 * DAY), id)
  end
  return true
end
-- Results that end together are forgotten together; the first of each batch tells.
local function forget_done(seconds, most)
  local place, count = 'brio:done:' .. seconds, 0
  for _ = 1, most do
    local ids = call('LINDEX', place, 0)
    if not ids or call('EXISTS', 'celery-task-meta-' .. string.match(ids, '^%S+')) == 1 then break end
    call('LPOP', place)
    count = count + 1
  end
  return count
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
local function list_and_envelope(worker, field)
  local value = call('HGET', taken_by(worker), field) or ''
  local size = string.match(value, '^(%d+):')
  if not size then return nil, value end
  local start = #size + 1
  return sub(value, start + 1, start + size), sub(value, start + size + 1)
end
local function envelope_of(worker, field)
  local _, envelope = list_and_envelope(worker, field)
  return envelope
end
-- Ids of what it took as plain, by field; none of those that are unfolded.
local function plain_held(worker)
  local held = {}
  for _, field in ipairs(call('HKEYS', taken_by(worker))) do
    local id = string.match(field, '^%d+ (.*)')
    if id and call('HEXISTS', running_by(worker), field) == 0 then held[field] = id end
  end
  return held
end
-- What was taken up to that fence and is not adopted goes back, and cannot be adopted any more.
local function untake(worker, last)
  local taken, running = taken_by(worker), running_by(worker)
  local fences = {}
  for _, fence in ipairs(call('HKEYS', taken)) do
    local number = tonumber(fence)
    if number and number <= (tonumber(last) or 0) and call('HEXISTS', running, fence) == 0 then
      fences[#fences + 1] = number
    end
  end
  if #fences == 0 then return end
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
-- A week or two is what is known of a plain task that Python's workers take, who tell nobody.
local function turn_era(now)
  local era = call('HMGET', 'brio:era', 'number', 'begun', 'new', 'old')
  if not era[3] or tonumber(now) - tonumber(era[2]) > 7 * DAY * 1000000 then
    local number = (era[1] or 0) + 1
    era[3], era[4] = 'brio:plain:' .. number, 'brio:plain:' .. number - 1
    call('UNLINK', 'brio:plain:' .. number - 2)
    call('HSET', 'brio:era', 'number', number, 'begun', now, 'new', era[3], 'old', era[4])
  end
  return era[3], era[4]
end
-- Or was, and is plain and done. One that was buried gives way.
local function is_there(id, now, old)
  local known = call('HMGET', key(id), 'state', 'until', 'error_type', 'queue')
  if known[1] == 'failed' and known[3] == 'upstream' then
    call('ZREM', 'brio:dead:' .. known[4], id)
    call('DEL', 'celery-task-meta-' .. id)
    drop(id)
  elseif known[1] and is_forgotten(known[2], now) then
    drop(id)
  elseif known[1] then
    return true
  end
  return call('EXISTS', 'celery-task-meta-' .. id) == 1 or call('HEXISTS', old, id) == 1
end
local function push_other(new, old, now, id, name, queue, priority, due, failures, pushed, envelope)
  if is_there(id, now, old) or call('HEXISTS', new, id) == 1 then return end
  local age = call('INCR', 'brio:ages')
  call('HSET', key(id), 'state', waiting_state(failures), 'name', name, 'queue', queue, 'priority', priority,
       'due', due == '' and now or due, 'pushed', pushed, 'age', age, 'failures', failures)
  call('ZADD', 'brio:index', age, id)
  call('SADD', 'brio:queues', queue)
  if due ~= '' and tonumber(due) > tonumber(now) then
    schedule(id, queue, due, envelope)
  else
    into_list(id, now, queue, priority, envelope)
  end
end
local function told(id)
  local result = call('GET', 'celery-task-meta-' .. id) or ''
  if call('EXISTS', key(id)) == 0 then return {plain_of(id) or '', result} end
  local fields = call('HMGET', key(id), 'state', 'name', 'queue', 'failures', 'deaths', 'progress', 'words',
                      'error', 'error_type', 'pushed', 'due', 'begun', 'ended', 'until')
  fields[#fields + 1] = result
  return fields
end
)lua";

}  // namespace

Whole::Whole(std::string_view text) : text_(concat({first, rest, text})), script_(text_) {}

Swift::Swift(std::string_view text)
    : text_(concat({first, "local function rest()\n", rest, R"lua(
return {turn_era = turn_era, is_there = is_there, push_other = push_other, move_due = move_due,
        schedule = schedule, drop = drop, into_list = into_list, finish = finish,
        bury = bury, sweep = sweep, unfold = unfold, forget_done = forget_done, publish = publish,
        envelope_of = envelope_of, until_after = until_after, is_forgotten = is_forgotten,
        waiting_state = waiting_state, running_by = running_by, list_of = list_of}
end
)lua",
                    text})),
      script_(text_) {}

}  // namespace brio::tasks::redis_scripts
