#include <brio/tasks/redis_scripts.hpp>
#include <brio/tasks/redis_whole_script.hpp>

namespace brio::tasks::redis_scripts {

// As Celery's workers do it: both count on the same keys.
const redis::Script& join() {
    static const Whole script(R"lua(
local answers = {}
for i = 1, #ARGV, 4 do
  local base, size, index, part = 'celery-taskset-meta-' .. ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local ended, sizes, corrections = base .. '.j', base .. '.s', base .. '.t'
  call('ZREMRANGEBYSCORE', ended, index, index)
  call('ZADD', ended, index, part)
  for _, each in ipairs({ended, sizes, corrections}) do call('EXPIRE', each, DAY) end
  if size == '0' then size = call('GET', sizes) end
  local all = size and tonumber(size) + tonumber(call('GET', corrections) or 0)
  answers[#answers + 1] = all and call('ZCARD', ended) >= all and call('ZRANGE', ended, 0, -1) or {}
end
return answers
)lua");
    return script.script();
}

const redis::Script& bury() {
    static const Whole script(R"lua(
local now, error_type, error = ARGV[1], ARGV[2], ARGV[3]
for i = 4, #ARGV, 7 do
  local id, name, queue, priority, pushed, envelope, json = unpack(ARGV, i, i + 6)
  local known = call('HMGET', key(id), 'state', 'until')
  if known[1] and is_forgotten(known[2], now) then
    drop(id)
    known = {}
  end
  if not known[1] and not plain_of(id) and call('EXISTS', 'celery-task-meta-' .. id) == 0 then
    local age = call('INCR', 'brio:ages')
    call('ZADD', 'brio:index', age, id)
    call('HSET', key(id), 'name', name, 'queue', queue, 'priority', priority, 'due', now, 'pushed', pushed,
         'age', age, 'error', error, 'error_type', error_type)
    bury(id, queue, now, 3600, json, envelope)
  end
end
return 1
)lua");
    return script.script();
}

// Once they are known.
const redis::Script& follow() {
    static const Whole script(R"lua(
local revoked = {}
for i, id in ipairs(ARGV) do
  if call('EXISTS', key(id)) == 1 then call('HSET', key(id), 'followed', 1) end
  revoked[i] = call('HEXISTS', key(id), 'revoked')
end
return revoked
)lua");
    return script.script();
}

}  // namespace brio::tasks::redis_scripts
