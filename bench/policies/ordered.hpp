// A list of objects with a look-up: what most policies are made of.
#pragma once
#include <list>
#include <unordered_map>

#include "policy.hpp"

namespace brio::bench {

/// Front: newest.
template <class Mark = char>
class Ordered {
public:
    struct Entry {
        ObjectKey key;
        Mark mark{};
    };
    using Place = typename std::list<Entry>::iterator;

    std::size_t size() const { return at_.size(); }
    bool contains(ObjectKey key) const { return at_.contains(key); }
    Entry* find(ObjectKey key) {
        const auto found = at_.find(key);
        return found == at_.end() ? nullptr : &*found->second;
    }
    void push_front(ObjectKey key, Mark mark = {}) {
        entries_.push_front({key, mark});
        at_[key] = entries_.begin();
    }
    void to_front(ObjectKey key) { entries_.splice(entries_.begin(), entries_, at_.at(key)); }
    bool erase(ObjectKey key) {
        const auto found = at_.find(key);
        if (found == at_.end()) {
            return false;
        }
        entries_.erase(found->second);
        at_.erase(found);
        return true;
    }
    Entry& back() { return entries_.back(); }
    Entry pop_back() {
        const Entry last = entries_.back();
        erase(last.key);
        return last;
    }
    std::list<Entry>& entries() { return entries_; }

private:
    std::list<Entry> entries_;
    std::unordered_map<ObjectKey, Place> at_;
};

}  // namespace brio::bench
