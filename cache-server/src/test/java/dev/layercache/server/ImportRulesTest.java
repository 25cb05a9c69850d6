package dev.layercache.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Who may know what. A rule about a package holds from the day that the package comes to be. */
@AnalyzeClasses(packages = "dev.layercache.server", importOptions = DoNotIncludeTests.class)
class ImportRulesTest {
  private static final String[] DOMAIN = {
    "..server.blob..", "..server.metadata..", "..server.image..", "..server.integrity.."
  };
  private static final String[] NETWORK = {"io.grpc..", "io.netty.."};
  private static final String[] WIRE_TYPES = {
    "com.google.protobuf..", "com.google.bytestream..", "build.bazel..", "dev.layercache.v1.."
  };
  private static final String[] NETWORK_USERS = {
    "..server.grpc..", "..server.http..", "..server.app..", "..server.upstream..", "..server.peer.."
  };

  @ArchTest
  static final ArchRule ONLY_THE_STORE_KNOWS_ROCKSDB =
      noClasses()
          .that()
          .resideOutsideOfPackage("..server.store..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.rocksdb..");

  @ArchTest
  static final ArchRule ONLY_DOORS_PEERS_AND_THE_PROGRAM_KNOW_THE_NETWORK =
      noClasses()
          .that()
          .resideOutsideOfPackages(NETWORK_USERS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(NETWORK);

  @ArchTest
  static final ArchRule THE_DOMAIN_KNOWS_NO_WIRE_TYPES =
      noClasses()
          .that()
          .resideInAnyPackage(DOMAIN)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(WIRE_TYPES);

  @ArchTest
  static final ArchRule THE_DOMAIN_KNOWS_NEITHER_STORE_NOR_DOORS =
      noClasses()
          .that()
          .resideInAnyPackage(DOMAIN)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..server.store..")
          .orShould()
          .dependOnClassesThat()
          .resideInAnyPackage(NETWORK_USERS);

  @Test
  void everyPackageSaysWhatItIsFor() throws IOException {
    try (var files = Files.walk(Path.of("src/main/java"))) {
      var packages =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .map(Path::getParent)
              .distinct()
              .toList();
      assertThat(packages)
          .isNotEmpty()
          .allSatisfy(folder -> assertThat(folder.resolve("package-info.java")).exists());
    }
  }
}
