// expect: upsert: no unique index of the table has exactly these columns
#include "db_model.hpp"

auto keep(Db db, NewUser given) {
#ifdef MISTAKE
    return db.upsert<&User::name>(users, given);
#else
    return db.upsert<&User::email>(users, given);
#endif
}
