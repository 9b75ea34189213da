// The steps of the Redis broker, each one script that Redis carries out as a whole.
//
// What is kept where, in the database of the URL; times are in microseconds, `age` grows with each push:
//
//   QUEUE, QUEUE<06 16>3 …6 …9   lists of envelopes that are due, as Celery has them (celery_message.hpp)
//   brio:plain:ERA               hash: records of plain tasks by id (redis_plain.hpp), in two eras of a week
//                                and more, so that they end of those that Python's workers took
//   brio:task:ID                 hash: what is known of another task, and its envelope if it is scheduled or
//                                dead
//   brio:scheduled:QUEUE         ids by due time          brio:dead:QUEUE   ids by death
//   brio:index                   ids of those hashes by age                 brio:until   … by when they end
//   brio:done:SECONDS            lists of ids whose results last so long, each of some that ended together
//   brio:lasts                   those seconds
//   brio:workers                 hash: beats by worker    brio:gone         workers taken for dead
//   brio:taken:WORKER            hash: what it holds, until that is settled: of a plain task the envelope, by
//                                "FENCE ID"; of another list and envelope, by fence
//   brio:running:WORKER          hash: '!' and the id of those of them that are claimed and not plain
//   brio:revoked                 ids that run and are revoked
//   brio:back                    hash: by worker the last fence up to which nothing can be adopted any more
//   brio:era                     hash: number and begin of this era
//   brio:queues, brio:paused     names                    brio:values       hash of exchange()
//   celery-task-meta-ID          the result, as Celery has it; published under the same name
//
// A plain task is pushed with a record, claimed by `take`, which finds its id at the begin of its envelope,
// and leaves nothing but its result. Whatever else happens to it makes a hash of its record first.
//
// Other tasks are claimed in two steps: `take` moves envelopes from the lists into the worker's hash, where
// `take_back` finds them if it dies; `adopt` makes claims of what the program then read in them. So JSON is
// read in one place only, and large integers never pass through Lua. What a worker took and never adopts,
// since the answer was lost, `held` puts back into the lists at the second look.
//
// Redis has one thread, and of a step's time most are its look-ups of what is in no cache, and the texts that
// pass between it and Lua: what is the same for all tasks of a batch is one call, what a task seldom needs
// comes as one packed word.
#pragma once
#include <brio/redis/script.hpp>

namespace brio::tasks::redis_scripts {

const redis::Script& push();
const redis::Script& take();
const redis::Script& adopt();
const redis::Script& settle();
const redis::Script& take_back();
const redis::Script& tell_death();
const redis::Script& revoke();
const redis::Script& progress();
const redis::Script& beat();
const redis::Script& held();
const redis::Script& leave();
const redis::Script& queues();
const redis::Script& dead();
const redis::Script& status();
const redis::Script& list();
const redis::Script& retry_dead();
const redis::Script& drop_dead();
const redis::Script& trim_dead();
const redis::Script& purge();
const redis::Script& forget();
const redis::Script& sweep();
const redis::Script& lead();
const redis::Script& exchange();
const redis::Script& join();
const redis::Script& bury();
const redis::Script& follow();

}  // namespace brio::tasks::redis_scripts
