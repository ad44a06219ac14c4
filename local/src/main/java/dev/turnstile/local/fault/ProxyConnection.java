package dev.turnstile.local.fault;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;

/** One connection through a proxy, with both of its sockets. On the proxy's event loop alone. */
final class ProxyConnection {

    private final Channel client;
    private final Channel server;
    private final Pump toServer;
    private final Pump toClient;

    ProxyConnection(Channel client, Channel server, Lane toServer, Lane toClient) {
        this.client = client;
        this.server = server;
        this.toServer = new Pump(this, client, server, toServer);
        this.toClient = new Pump(this, server, client, toClient);
    }

    void begin(Runnable onEnd) {
        client.pipeline().addLast(toServer);
        server.pipeline().addLast(toClient);
        client.closeFuture().addListener(closed -> endIfBothAreClosed(onEnd));
        server.closeFuture().addListener(closed -> endIfBothAreClosed(onEnd));
        client.config().setAutoRead(true);
        server.config().setAutoRead(true);
    }

    private void endIfBothAreClosed(Runnable onEnd) {
        if (!client.isOpen() && !server.isOpen()) {
            toServer.drop();
            toClient.drop();
            onEnd.run();
        }
    }

    Pump opposite(Pump pump) {
        return pump == toServer ? toClient : toServer;
    }

    /**
     * Goes on without faults. A connection of which something was swallowed is reset: TCP would rather break it than
     * deliver what came after a gap.
     */
    void heal() {
        if (toServer.hasSwallowed() || toClient.hasSwallowed()) {
            reset();
        } else {
            toServer.hurry();
            toClient.hurry();
        }
    }

    void reset() {
        reset(client);
        reset(server);
    }

    /** Closes a socket with RST: the other end learns of it at once, and as an error. */
    static void reset(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            ChannelFuture unused = channel.close();
        }
    }
}
