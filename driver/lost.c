/* SPDX-License-Identifier: MIT
 *
 * DOC: Device loss
 *
 * A device is lost once, for one reason, and stays lost. From then on every pending fence reads as
 * -EIO and every wait returns -EIO; kernels that poll their stop flag end; jobs on the queues retire
 * without running. In a forked child (mark.h) the parent's device is lost from the start.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>

#include "device.h"

int weft_device_status(const struct weft_device *device)
{
    if (weft_mark_is_forked(&device->mark))
        return -EIO;
    return atomic_load_explicit(&device->lost, memory_order_acquire) ? -EIO : 0;
}

void weft_device_lose(struct weft_device *device, const char *reason)
{
    weft_device_lose_by(device, reason, NULL);
}

void weft_device_lose_by(struct weft_device *device, const char *reason,
                         const struct weft_fault_info *fault)
{
    bool first;

    if (weft_mark_is_forked(&device->mark))
        return; /* it is lost already, and the lock may be held for ever */
    pthread_mutex_lock(&device->lost_lock);
    first = !device->losing;
    if (first) {
        device->losing = true;
        snprintf(device->lost_reason, sizeof(device->lost_reason), "%s", reason);
        if (fault != NULL)
            device->fault = *fault;
    }
    pthread_mutex_unlock(&device->lost_lock);
    if (!first) {
        /* The caller goes on as on a lost device: not before it is one. */
        while (!atomic_load(&device->lost))
            sched_yield();
        return;
    }
    /* The message comes first, so that who sees the loss has been told why; kernels are stopped last,
     * so that no job that is cut short retires as if it had finished. */
    weft_device_message(device, WEFT_MESSAGE_ERROR, "device-lost", "device lost: %s", reason);
    atomic_store(&device->lost, true);
    atomic_store(&device->stop, 1);
    weft_wake_all(&device->changed);
}

const char *weft_device_lost_reason(const struct weft_device *device)
{
    if (weft_mark_is_forked(&device->mark))
        return "the process is a child of the one that made the device";
    return weft_device_status(device) != 0 ? device->lost_reason : NULL;
}

bool weft_device_fault(const struct weft_device *device, struct weft_fault_info *fault_out)
{
    if (weft_device_status(device) == 0 || (device->fault.pc == 0 && device->fault.label == NULL))
        return false;
    *fault_out = device->fault;
    return true;
}
