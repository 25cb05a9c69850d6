package dev.layercache.load.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RelayTest {
  private static final byte[] SENT = new byte[300_000];

  @Test
  void bytesPassBothWaysAndAreCounted() throws Exception {
    var wire = Wire.of(1 << 30);
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var relay = Relay.start((InetSocketAddress) server.getLocalSocketAddress(), wire);
        var client = new Socket(relay.address().getAddress(), relay.address().getPort())) {
      var echo = CompletableFuture.runAsync(() -> echoOnce(server));
      client.getOutputStream().write(SENT);
      client.shutdownOutput();
      assertThat(client.getInputStream().readAllBytes()).isEqualTo(SENT);
      echo.join();
    }
    assertThat(wire.bytes()).isEqualTo(2L * SENT.length);
  }

  @Test
  void aConnectionEndsWhenTheServerIsNotThere() throws Exception {
    InetSocketAddress nobody;
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = (InetSocketAddress) server.getLocalSocketAddress();
    }
    try (var relay = Relay.start(nobody, Wire.unlimited());
        var client = new Socket(relay.address().getAddress(), relay.address().getPort())) {
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aClosedRelayTakesNoConnections() throws Exception {
    var relay = Relay.start(new InetSocketAddress("127.0.0.1", 1), Wire.unlimited());
    var address = relay.address();
    relay.close();
    assertThatThrownBy(() -> new Socket(address.getAddress(), address.getPort()).close())
        .isInstanceOf(IOException.class);
  }

  private static void echoOnce(ServerSocket server) {
    try (var socket = server.accept()) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
