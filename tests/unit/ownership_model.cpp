#include "tests/unit/ownership_model.hpp"

#include <utility>
#include <vector>

#include "commands/writer/ownership.hpp"
#include "tests/unit/model_referee.hpp"
#include "tests/unit/simulated_log.hpp"

namespace teamflow::tests {

namespace {

using commands::ownership;

events::writer_id numbered_writer(std::uint64_t number) {
    return events::writer_id(events::make_uuid_v7(static_cast<std::int64_t>(number), 0, 0));
}

/// One process that wants to own the partition, as the partition writer of this project acts.
class model_writer {
public:
    model_writer(simulated_log& log, referee& truth, rule_change change, saved_checkpoint from)
        : log_(log), truth_(truth), change_(change), machine_(from.place) {
        folded_ = std::move(from.state);
    }

    [[nodiscard]] ownership::phase phase() const { return machine_.now(); }

    [[nodiscard]] bool wants_to_claim() const { return lost_sight_; }

    [[nodiscard]] std::size_t in_flight() const { return machine_.in_flight(); }

    void claim(std::uint64_t number);

    /// Reads on, at most `max_records`; true when there was something.
    bool read(std::size_t max_records);

    /// Decides up to three commands and sends them as one batch. Tokens come from `retries` or are
    /// the next new one.
    void decide(dice& chance, std::vector<std::uint64_t>& retries, std::uint64_t& next_token);

    /// Takes the next report of one of its producers; true when there was one.
    bool take_report(dice& chance, bool time_out, bool forget_offset);

    /// Tokens whose clients wait for an answer that this process will not give any more.
    [[nodiscard]] std::vector<std::uint64_t> unanswered() const;

private:
    void settle(const commands::settled_commits& settled);
    void append(std::uint64_t token, std::size_t records, infra::append_batch& batch);

    simulated_log& log_;
    referee& truth_;
    rule_change change_;
    ownership machine_;
    folded_state folded_;
    folded_state decided_;
    folded_state before_claim_;
    bool lost_sight_ = false;
    std::vector<simulated_log::producer_id> producers_;

    struct sent_commit {
        std::size_t attempt;
        events::epoch reign;
        std::int64_t last_sequence;
    };

    std::vector<sent_commit> sent_;
    std::vector<std::uint64_t> refused_tokens_;
};

void model_writer::claim(std::uint64_t number) {
    std::uint64_t id = number;
    if (change_ == rule_change::counter_as_epoch) {
        const auto& bytes = machine_.fold().reign().writer.value;
        id = (static_cast<std::uint64_t>(bytes.data[4]) << 8U | bytes.data[5]) + 1;
    }
    const auto writer = numbered_writer(id);
    machine_.claim(writer);
    lost_sight_ = false;
    before_claim_ = folded_;
    producers_.push_back(log_.add_producer());
    events::record claim;
    claim.kind = events::record_kind::claim;
    claim.reign.writer = writer;
    log_.send_claim(producers_.back(), std::move(claim));
}

bool model_writer::read(std::size_t max_records) {
    const auto visible = log_.visible();
    bool any = false;
    for (std::size_t i = 0; i < max_records; ++i) {
        const auto next = static_cast<std::size_t>(machine_.fold().last() + 1);
        if (next >= visible.size()) {
            break;
        }
        any = true;
        const bool was_owner = machine_.now() == ownership::phase::owning;
        settle(machine_.see(as_read(visible[next], machine_.fold(), change_)));
        const auto commit = machine_.fold().commit();
        if (!commit.empty()) {
            const std::size_t number = attempt_of(*commit.front());
            folded_.apply(number, truth_.at(number).token);
        }
        if (!was_owner && machine_.now() == ownership::phase::owning) {
            decided_ = change_ == rule_change::decide_before_the_claim ? before_claim_ : folded_;
        }
        if (was_owner && machine_.now() == ownership::phase::idle &&
            visible[next]->kind == events::record_kind::event) {
            lost_sight_ = true;
        }
    }
    return any;
}

void model_writer::append(std::uint64_t token, std::size_t records, infra::append_batch& batch) {
    const std::size_t number = truth_.add(
        {.token = token, .records = records, .decided_on = decided_.chain, .at = std::nullopt}
    );
    const std::int64_t first = machine_.append(number, static_cast<std::int64_t>(records));
    if (batch.records.empty()) {
        batch.first_sequence = first;
    }
    for (std::size_t i = 0; i < records; ++i) {
        auto record = std::make_shared<events::record>();
        record->reign = machine_.reign();
        record->sequence = first + static_cast<std::int64_t>(i);
        record->commit.id.value = events::make_uuid_v7(static_cast<std::int64_t>(number), 1, 1);
        record->commit.index = static_cast<std::int16_t>(i);
        record->commit.count = static_cast<std::int16_t>(records);
        record->head.stream_version = static_cast<std::int64_t>(number);
        batch.records.push_back(std::move(record));
    }
    decided_.apply(number, token);
    sent_.push_back({number, machine_.reign(), machine_.next_sequence() - 1});
}

void model_writer::decide(
    dice& chance, std::vector<std::uint64_t>& retries, std::uint64_t& next_token
) {
    if (machine_.now() != ownership::phase::owning) {
        return;
    }
    infra::append_batch batch{
        .partition = 0, .reign = machine_.reign(), .first_sequence = 0, .records = {}
    };
    for (std::size_t commands = 1 + chance.roll(3); commands > 0; --commands) {
        std::uint64_t token = 0;
        if (!retries.empty() && chance.one_in(2)) {
            token = retries.back();
            retries.pop_back();
        } else {
            token = next_token++;
        }
        if (folded_.tokens.contains(token)) {
            truth_.remembered(token);
        } else if (!decided_.tokens.contains(token)) {
            append(token, 1 + chance.roll(3), batch);
        }
    }
    if (!batch.records.empty()) {
        log_.send(producers_.back(), std::move(batch));
    }
}

bool model_writer::take_report(dice& chance, bool time_out, bool forget_offset) {
    if (producers_.empty()) {
        return false;
    }
    const auto producer = producers_[chance.roll(producers_.size())];
    const auto report = log_.report(producer, time_out, forget_offset);
    if (!report) {
        return false;
    }
    if (report->outcome.status != infra::append_status::durable) {
        if (machine_.now() == ownership::phase::owning && report->reign == machine_.reign()) {
            lost_sight_ = true;
            machine_.lost_sight();
        }
        if (change_ == rule_change::refuse_on_time_out) {
            for (const auto& commit : sent_) {
                if (commit.reign == report->reign && !truth_.at(commit.attempt).happened) {
                    truth_.refused(commit.attempt);
                }
            }
        }
        return true;
    }
    if (change_ == rule_change::no_density) {
        for (const auto& commit : sent_) {
            if (commit.reign == report->reign && commit.last_sequence <= report->last_sequence) {
                truth_.happened(commit.attempt, std::nullopt);
            }
        }
    }
    settle(machine_.delivered(
        report->reign, report->first_sequence, report->last_sequence, report->outcome.last
    ));
    return true;
}

void model_writer::settle(const commands::settled_commits& settled) {
    for (const auto& commit : settled) {
        if (commit.happened) {
            truth_.happened(commit.token, commit.last);
        } else {
            truth_.refused(commit.token);
            refused_tokens_.push_back(truth_.at(commit.token).token);
        }
    }
}

std::vector<std::uint64_t> model_writer::unanswered() const {
    std::vector<std::uint64_t> tokens = refused_tokens_;
    for (const auto& commit : sent_) {
        const auto& made = truth_.at(commit.attempt);
        if (!made.happened && !made.refused) {
            tokens.push_back(made.token);
        }
    }
    return tokens;
}

/// The schedule's interpreter.
class model {
public:
    model(rule_change change, dice chance)
        : change_(change),
          reorder_one_in_(1 + chance.roll(2) * (1 + chance.roll(20))),
          repeat_one_in_(2 + chance.roll(40)),
          time_out_one_in_(4 + chance.roll(60)),
          forget_one_in_(2 + chance.roll(20)),
          unruly_(chance.one_in(2)) {
        checkpoints_.emplace_back();
        const std::size_t count = 2 + chance.roll(3);
        for (std::size_t i = 0; i < count; ++i) {
            writers_.push_back(start(chance));
        }
    }

    void step(dice chance);
    void finish(dice chance);

    referee truth;

private:
    struct process {
        std::unique_ptr<model_writer> writer;
        bool paused = false;
    };

    process start(dice& chance) {
        const auto& from = checkpoints_[chance.roll(checkpoints_.size())];
        return {std::make_unique<model_writer>(log_, truth, change_, from)};
    }

    void step_log(dice& chance, std::size_t what);
    void step_writer(dice& chance, std::size_t what, process& at);
    void archive(std::size_t max_records);

    rule_change change_;
    std::size_t reorder_one_in_;
    std::size_t repeat_one_in_;
    std::size_t time_out_one_in_;
    std::size_t forget_one_in_;
    bool unruly_;
    simulated_log log_;
    std::vector<process> writers_;
    std::vector<saved_checkpoint> checkpoints_;
    events::partition_fold archive_;
    folded_state archived_;
    std::vector<std::uint64_t> retries_;
    std::uint64_t next_token_ = 1;
    std::uint64_t next_claim_ = 1;
};

void model::archive(std::size_t max_records) {
    for (std::size_t i = 0; i < max_records; ++i) {
        const auto next = static_cast<std::size_t>(archive_.last() + 1);
        if (next >= log_.visible().size()) {
            break;
        }
        archive_.next(as_read(log_.visible()[next], archive_, change_));
        if (!archive_.commit().empty()) {
            const std::size_t number = attempt_of(*archive_.commit().front());
            archived_.apply(number, truth.at(number).token);
        }
    }
    events::checkpoint place = archive_.boundary();
    if (change_ == rule_change::checkpoint_anywhere) {
        place = {
            .at = archive_.last(),
            .reign = archive_.reign(),
            .next_sequence = archive_.next_sequence()
        };
    }
    checkpoints_.push_back({place, archived_});
}

void model::step_log(dice& chance, std::size_t what) {
    if (what < 1) {
        log_.write_foreign(chance);
    } else if (what < 26) {
        const bool reorder = unruly_ && chance.one_in(reorder_one_in_);
        const bool repeat = unruly_ && chance.one_in(repeat_one_in_);
        log_.deliver_one(chance, reorder, repeat);
    } else if (what < 38) {
        log_.replicate(chance);
    } else if (what < 40) {
        log_.lose_one(chance);
    } else if (what < 42) {
        log_.truncate(chance);
    } else {
        archive(1 + chance.roll(8));
    }
}

void model::step_writer(dice& chance, std::size_t what, process& at) {
    auto& writer = *at.writer;
    if (what < 64) {
        writer.read(1 + chance.roll(6));
    } else if (what < 78) {
        writer.decide(chance, retries_, next_token_);
    } else if (what < 92) {
        writer.take_report(chance, chance.one_in(time_out_one_in_), chance.one_in(forget_one_in_));
    } else if (writer.phase() == ownership::phase::idle) {
        if (writer.wants_to_claim() || chance.one_in(3)) {
            writer.claim(next_claim_++);
        }
    } else if (writer.phase() == ownership::phase::claiming && chance.one_in(3)) {
        writer.claim(next_claim_++);
    }
}

void model::step(dice chance) {
    const std::size_t what = chance.roll(100);
    if (what < 45) {
        return step_log(chance, what);
    }
    process& at = writers_[chance.roll(writers_.size())];
    if (what == 99) {
        at.paused = !at.paused;
    } else if (what == 98 && chance.one_in(2)) {
        const auto unanswered = at.writer->unanswered();
        retries_.insert(retries_.end(), unanswered.begin(), unanswered.end());
        at = start(chance);
    } else if (!at.paused) {
        step_writer(chance, what, at);
    }
}

/// Everything works again: reports come or time out, everybody reads on. Then one of the writers
/// must become owner, if it is not, and get commands through.
void model::finish(dice chance) {
    auto& last = *writers_[chance.roll(writers_.size())].writer;
    const std::size_t before = truth.result.acknowledged;
    constexpr std::size_t rounds = 20;
    for (std::size_t round = 0; round < rounds; ++round) {
        log_.settle(chance);
        for (auto& each : writers_) {
            for (std::size_t turn = 0; turn < 200; ++turn) {
                each.writer->take_report(chance, false, false);
                each.writer->take_report(chance, turn > 100, false);
            }
            each.writer->read(log_.visible().size());
        }
        if (last.phase() != ownership::phase::owning) {
            last.claim(next_claim_++);
        } else if (last.in_flight() == 0) {
            last.decide(chance, retries_, next_token_);
        }
    }
    archive(log_.visible().size());
    if (truth.result.acknowledged < before + 3) {
        truth.violated("a writer gets nothing through though everything works again");
    }
    truth.judge(log_.visible(), checkpoints_, change_);
}

}  // namespace

model_result run_ownership_model(schedule choices, rule_change change) {
    if (choices.empty()) {
        return {};
    }
    model run(change, dice(choices.front()));
    for (const auto choice : choices.subspan(1)) {
        run.step(dice(choice));
    }
    run.finish(dice(choices.front()));
    return run.truth.result;
}

}  // namespace teamflow::tests
