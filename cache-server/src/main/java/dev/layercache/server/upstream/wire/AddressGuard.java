package dev.layercache.server.upstream.wire;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * Which addresses may be dialled. A registry names other hosts, in redirects and as token services,
 * and a name may lead anywhere: without this an upstream could make the server ask its own
 * neighbours. All addresses of a name are checked, and exactly those are dialled, so a name that
 * changes its mind in between gains nothing.
 *
 * @param allowPrivate whether the upstream may be in a loopback or private network
 * @param own host that the configuration names; with {@code allowPrivate} it may be link-local too,
 *     which others may not: that is where clouds keep the secrets of a machine
 */
record AddressGuard(boolean allowPrivate, String own) {

  /**
   * The addresses, all of which may be dialled.
   *
   * @throws RefusedAddressException if one of them must not be
   */
  List<InetAddress> check(String host, InetAddress[] addresses) throws IOException {
    for (var address : addresses) {
      Range range = range(address);
      boolean allowed =
          switch (range) {
            case PUBLIC -> true;
            case LOOPBACK, PRIVATE -> allowPrivate;
            case LINK_LOCAL -> allowPrivate && host.equals(own);
            case NO_HOST -> false;
          };
      if (!allowed) {
        throw new RefusedAddressException(host, address, range.text);
      }
    }
    return List.of(addresses);
  }

  private enum Range {
    PUBLIC("public"),
    LOOPBACK("loopback"),
    PRIVATE("private"),
    LINK_LOCAL("link-local"),
    NO_HOST("not the address of a host");

    private final String text;

    Range(String text) {
      this.text = text;
    }
  }

  private static Range range(InetAddress address) {
    if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
      return Range.NO_HOST;
    }
    if (address.isLoopbackAddress()) {
      return Range.LOOPBACK;
    }
    if (address.isLinkLocalAddress()) {
      return Range.LINK_LOCAL;
    }
    if (address.isSiteLocalAddress()) {
      return Range.PRIVATE;
    }
    byte[] bytes = address.getAddress();
    return switch (address) {
      case Inet4Address v4 -> version4(bytes);
      case Inet6Address v6 -> version6(bytes);
      default -> Range.NO_HOST;
    };
  }

  /** RFC 6890's registry of special addresses, as far as the JDK does not know them. */
  private static Range version4(byte[] bytes) {
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    int third = bytes[2] & 0xff;
    if (first == 0 || first >= 240) {
      return Range.NO_HOST;
    }
    boolean shared = first == 100 && second >= 64 && second < 128;
    boolean protocol = first == 192 && second == 0 && third == 0;
    boolean benchmark = first == 198 && (second == 18 || second == 19);
    return shared || protocol || benchmark ? Range.PRIVATE : Range.PUBLIC;
  }

  private static Range version6(byte[] bytes) {
    if ((bytes[0] & 0xfe) == 0xfc) {
      return Range.PRIVATE;
    }
    if (startsWith(bytes, 0x00, 0x64, 0xff, 0x9b) || startsWith(bytes, 0, 0, 0, 0, 0, 0, 0, 0)) {
      return embedded(bytes, 12);
    }
    if (startsWith(bytes, 0x20, 0x02)) {
      return embedded(bytes, 2);
    }
    return startsWith(bytes, 0x20, 0x01, 0, 0) ? Range.NO_HOST : Range.PUBLIC;
  }

  /** NAT64, 6to4 and IPv4-compatible addresses lead to an IPv4 address. */
  private static Range embedded(byte[] bytes, int offset) {
    try {
      return range(InetAddress.getByAddress(Arrays.copyOfRange(bytes, offset, offset + 4)));
    } catch (IOException e) {
      throw new AssertionError("four bytes are an address", e);
    }
  }

  private static boolean startsWith(byte[] bytes, int... prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if ((bytes[i] & 0xff) != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
