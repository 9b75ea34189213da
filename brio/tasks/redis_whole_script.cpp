#include <brio/tasks/redis_whole_script.hpp>

#include <brio/base/text.hpp>
#include <brio/tasks/redis_scripts.hpp>

namespace brio::tasks::redis_scripts {
namespace {

constexpr std::string_view common = R"lua(
local SEPARATOR = '\006\022'
local DAY = 86400
local function key(id) return 'brio:task:' .. id end
local function whole(number) return string.format('%.0f', number) end
local function list_of(queue, priority)
  local p = tonumber(priority) or 0
  if p < 3 then return queue end
  return queue .. SEPARATOR .. (p >= 9 and 9 or p - p % 3)
end
local function lists_of(queue)
  return {queue, queue .. SEPARATOR .. '3', queue .. SEPARATOR .. '6', queue .. SEPARATOR .. '9'}
end
local function is_forgotten(till, now) return till and tonumber(till) <= tonumber(now) end
local function forget_after(id, now, seconds)
  redis.call('ZADD', 'brio:until', whole(tonumber(now) + seconds * 1000000), id)
  redis.call('EXPIRE', key(id), whole(seconds + 1))
end
local function remember(id)
  redis.call('PERSIST', key(id))
  redis.call('ZREM', 'brio:until', id)
end
local function drop(id)
  redis.call('DEL', key(id))
  redis.call('ZREM', 'brio:index', id)
  redis.call('ZREM', 'brio:until', id)
end
-- Python's workers may take it from there, who tell nobody: so what is known of it is not kept for ever.
local function into_list(id, now, queue, priority, envelope, is_next)
  redis.call(is_next and 'RPUSH' or 'LPUSH', list_of(queue, priority), envelope)
  redis.call('HDEL', key(id), 'envelope', 'worker', 'fence')
  forget_after(id, now, 7 * DAY)
end
local function last_fence() return redis.call('GET', 'brio:fences') or '0' end
local function untake(worker, last)
  local place = 'brio:taken:' .. worker
  local taken = redis.call('HGETALL', place)
  local fences = {}
  for i = 1, #taken, 2 do fences[#fences + 1] = {tonumber(taken[i]), taken[i], taken[i + 1]} end
  table.sort(fences, function(a, b) return a[1] > b[1] end)
  for _, each in ipairs(fences) do
    if each[1] <= (tonumber(last) or 0) then
      local colon = string.find(each[3], ':', 1, true)
      local size = tonumber(string.sub(each[3], 1, colon - 1))
      redis.call('RPUSH', string.sub(each[3], colon + 1, colon + size), string.sub(each[3], colon + size + 1))
      redis.call('HDEL', place, each[2])
    end
  end
end
local function schedule(id, queue, due, envelope)
  redis.call('HSET', key(id), 'envelope', envelope, 'due', due)
  redis.call('ZADD', 'brio:scheduled:' .. queue, due, id)
  redis.call('HDEL', key(id), 'worker', 'fence')
  remember(id)
end
local function move_due(queue, now)
  local place = 'brio:scheduled:' .. queue
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', place, '-inf', now, 'LIMIT', 0, 1000)) do
    local task = redis.call('HMGET', key(id), 'envelope', 'priority')
    if task[1] then into_list(id, now, queue, task[2], task[1]) end
    redis.call('ZREM', place, id)
  end
end
local function publish(id, seconds, json)
  if json ~= '' then
    redis.call('SETEX', 'celery-task-meta-' .. id, whole(seconds), json)
    redis.call('PUBLISH', 'celery-task-meta-' .. id, json)
  end
end
local function finish(id, state, now, seconds, json)
  seconds = math.max(1, tonumber(seconds))
  redis.call('HSET', key(id), 'state', state, 'ended', now,
             'until', whole(tonumber(now) + seconds * 1000000))
  redis.call('HDEL', key(id), 'envelope', 'worker', 'fence', 'revoked')
  forget_after(id, now, seconds)
  publish(id, seconds, json)
end
local function bury(id, queue, now, seconds, json)
  local age = redis.call('HGET', key(id), 'age') or 0
  redis.call('HSET', key(id), 'state', 'failed', 'ended', now)
  redis.call('HDEL', key(id), 'worker', 'fence', 'revoked')
  redis.call('ZADD', 'brio:dead:' .. queue, age, id)
  redis.call('SADD', 'brio:queues', queue)
  remember(id)
  publish(id, math.max(1, tonumber(seconds)), json)
end
local function new_age(id)
  local age = redis.call('INCR', 'brio:ages')
  redis.call('ZADD', 'brio:index', age, id)
  return age
end
local function waiting_state(failures) return tonumber(failures) > 0 and 'retrying' or 'pending' end
local function told(id)
  return redis.call('HMGET', key(id), 'state', 'name', 'queue', 'failures', 'deaths', 'progress', 'words',
                    'result', 'error', 'error_type', 'pushed', 'due', 'begun', 'ended', 'until')
end
)lua";

}  // namespace

std::array<std::string, 4> lists_of(std::string_view queue) {
    const auto step = [&](std::string_view priority) { return concat({queue, "\x06\x16", priority}); };
    return {std::string(queue), step("3"), step("6"), step("9")};
}

Whole::Whole(std::string_view text) : text_(concat({common, text})), script_(text_) {}

}  // namespace brio::tasks::redis_scripts
