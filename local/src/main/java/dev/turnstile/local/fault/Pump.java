package dev.turnstile.local.fault;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Carries the bytes of one direction of one connection, in their order. Holds at most about {@value #MOST_PENDING} of
 * them: then it reads no more, and the sender feels it as it would on a real wire. On the proxy's event loop alone.
 */
final class Pump extends ChannelInboundHandlerAdapter {

    private static final int MOST_PENDING = 1 << 20;

    private record Parcel(ByteBuf bytes, long dueNanos) {}

    private final ProxyConnection connection;
    private final Channel source;
    private final Channel sink;
    private final Lane lane;
    private final Deque<Parcel> pending = new ArrayDeque<>();
    private int pendingBytes;
    private long lastDueNanos = System.nanoTime();
    private boolean ended;
    private boolean swallowed;
    private @Nullable ScheduledFuture<?> nextDelivery;

    Pump(ProxyConnection connection, Channel source, Channel sink, Lane lane) {
        this.connection = connection;
        this.source = source;
        this.sink = sink;
        this.lane = lane;
    }

    /** Whether something of this direction is lost, so that the two ends can never agree any more. */
    boolean hasSwallowed() {
        return swallowed;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (lane.isSwallowing()) {
            swallowed = true;
            bytes.release();
            return;
        }
        long due = System.nanoTime() + lane.nextDelayNanos();
        // Bytes of one connection never overtake each other.
        lastDueNanos = due - lastDueNanos > 0 ? due : lastDueNanos;
        pending.add(new Parcel(bytes, lastDueNanos));
        pendingBytes += bytes.readableBytes();
        deliver();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (lane.isSwallowing()) {
            swallowed = true;
            return;
        }
        ended = true;
        deliver();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (lane.isSwallowing()) {
            swallowed = true;
        } else {
            connection.reset();
        }
    }

    /** The source can take bytes again, which the pump of the other direction brings. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        connection.opposite(this).deliver();
    }

    /** Delivers all that is on its way now, whatever delay it was given. */
    void hurry() {
        long now = System.nanoTime();
        Deque<Parcel> delayed = new ArrayDeque<>(pending);
        pending.clear();
        delayed.forEach(parcel -> pending.add(new Parcel(parcel.bytes(), now)));
        lastDueNanos = now;
        deliver();
    }

    private void deliver() {
        ScheduledFuture<?> planned = nextDelivery;
        if (planned != null) {
            planned.cancel(false);
            nextDelivery = null;
        }
        boolean written = false;
        while (!pending.isEmpty() && sink.isWritable()) {
            Parcel parcel = pending.element();
            long now = System.nanoTime();
            long wait = Math.max(parcel.dueNanos() - now, lane.busyNanos(now));
            if (wait > 0) {
                nextDelivery = source.eventLoop().schedule(this::deliver, wait, TimeUnit.NANOSECONDS);
                break;
            }
            ByteBuf bytes = parcel.bytes();
            ByteBuf piece = bytes.readRetainedSlice(Math.min(bytes.readableBytes(), lane.pieceBytes()));
            lane.carry(piece.readableBytes(), now);
            pendingBytes -= piece.readableBytes();
            ChannelFuture unused = sink.write(piece, sink.voidPromise());
            written = true;
            if (!bytes.isReadable()) {
                pending.remove();
                bytes.release();
            }
        }
        if (written) {
            sink.flush();
        }
        source.config().setAutoRead(pendingBytes < MOST_PENDING && sink.isWritable());
        if (ended && pending.isEmpty()) {
            ChannelFuture unused = sink.close();
        }
    }

    /** Forgets what is on its way. */
    void drop() {
        ScheduledFuture<?> planned = nextDelivery;
        if (planned != null) {
            planned.cancel(false);
        }
        pending.forEach(parcel -> parcel.bytes().release());
        pending.clear();
        pendingBytes = 0;
    }
}
