/* The record of a run: its document, its lock, its entry in the store. Private to the flow room. */
#ifndef TEND_FLOW_RECORD_H
#define TEND_FLOW_RECORD_H

#include "flow/state.h"

tend_status tend_record_start(tend_flow *flow, const char *command, char *out_id, tend_error *err) TEND_MUST_USE;
/* Ends the run's record, when one was begun, and gives its document. When nothing ran: that of the last run if it is wanted, else NULL. */
tend_status tend_record_finish(tend_flow *flow, tend_status status, const tend_error *failure, bool refused, bool want_last,
                               tend_node **out_document, tend_error *err) TEND_MUST_USE;
void tend_record_lock_text(tend_flow *flow, tend_buf *out);
/* tend.lock, written when its text changes. */
tend_status tend_record_write_lock(tend_flow *flow, tend_error *err) TEND_MUST_USE;

#endif
