package dev.layercache.server.upstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
  private static final AddressGuard PUBLIC = new AddressGuard(false, "own.example");
  private static final AddressGuard PRIVATE = new AddressGuard(true, "own.example");

  private static void check(AddressGuard guard, String host, String... addresses)
      throws IOException {
    var resolved = new InetAddress[addresses.length];
    for (int i = 0; i < addresses.length; i++) {
      resolved[i] = InetAddress.getByName(addresses[i]);
    }
    assertThat(guard.check(host, resolved)).containsExactly(resolved);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.8.8.8",
        "::1",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.8",
        "198.18.0.1",
        "198.19.255.255",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:c0a8:101::",
        "::ffff:10.0.0.1",
        "::10.0.0.1"
      })
  void privateAddressesNeedLeave(String address) throws IOException {
    assertThatThrownBy(() -> check(PUBLIC, "own.example", address))
        .isInstanceOf(RefusedAddressException.class)
        .hasMessageContaining("own.example is at")
        .hasMessageContaining("allowPrivate");
    check(PRIVATE, "own.example", address);
    check(PRIVATE, "other.example", address);
  }

  @ParameterizedTest
  @ValueSource(strings = {"169.254.169.254", "fe80::1", "64:ff9b::a9fe:a9fe"})
  void linkLocalIsForTheUpstreamItselfOnly(String address) throws IOException {
    assertThatThrownBy(() -> check(PUBLIC, "own.example", address))
        .isInstanceOf(RefusedAddressException.class);
    assertThatThrownBy(() -> check(PRIVATE, "other.example", address))
        .isInstanceOf(RefusedAddressException.class);
    check(PRIVATE, "own.example", address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "ff02::1",
        "2001:0:1::1"
      })
  void whatIsNoHostIsNeverDialled(String address) {
    assertThatThrownBy(() -> check(PRIVATE, "own.example", address))
        .isInstanceOf(RefusedAddressException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8.8.8.8",
        "172.15.0.1",
        "172.32.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "192.0.1.1",
        "198.17.255.255",
        "198.20.0.1",
        "2606:4700::1111",
        "64:ff9b::808:808",
        "2002:808:808::"
      })
  void publicAddressesAreDialled(String address) throws IOException {
    check(PUBLIC, "own.example", address);
  }

  @Test
  void onePrivateAddressAmongOthersIsEnoughToRefuse() {
    assertThatThrownBy(() -> check(PUBLIC, "own.example", "8.8.8.8", "10.0.0.1"))
        .isInstanceOf(RefusedAddressException.class)
        .hasMessageContaining("10.0.0.1");
  }
}
