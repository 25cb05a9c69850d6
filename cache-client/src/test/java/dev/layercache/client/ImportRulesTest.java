package dev.layercache.client;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.PROTECTED;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The public API knows the JDK and itself, nothing of the wire. */
class ImportRulesTest {
  private static final String[] WIRE = {
    "io.grpc..", "io.netty..", "com.google..", "build.bazel..", "dev.layercache.v1.."
  };
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(
              "dev.layercache.client", "dev.layercache.client.image", "dev.layercache.oci");

  @Test
  void publicSignaturesDoNotMentionTheWire() {
    var mentions = new ArrayList<String>();
    for (JavaClass type : CLASSES) {
      if (type.getModifiers().contains(PUBLIC)) {
        type.getAllRawSuperclasses().forEach(parent -> check(parent, type.getName(), mentions));
        type.getAllRawInterfaces().forEach(parent -> check(parent, type.getName(), mentions));
        type.getFields().stream()
            .filter(field -> visible(field.getModifiers()))
            .forEach(field -> check(field, mentions));
        type.getCodeUnits().stream()
            .filter(unit -> visible(unit.getModifiers()))
            .forEach(unit -> check(unit, mentions));
      }
    }
    assertThat(mentions).isEmpty();
  }

  @Test
  void theRulesSeeTheApiAndTheWire() {
    assertThat(CLASSES.contain(LayercacheClient.class)).isTrue();
    assertThat(wire(CLASSES.get(Connection.class).getField("control").getRawType())).isTrue();
  }

  private static boolean visible(Set<com.tngtech.archunit.core.domain.JavaModifier> modifiers) {
    return modifiers.contains(PUBLIC) || modifiers.contains(PROTECTED);
  }

  private static void check(JavaField field, List<String> mentions) {
    involved(field.getType()).forEach(type -> check(type, field.getFullName(), mentions));
  }

  private static void check(JavaCodeUnit unit, List<String> mentions) {
    involved(unit.getReturnType()).forEach(type -> check(type, unit.getFullName(), mentions));
    for (JavaType parameter : unit.getParameterTypes()) {
      involved(parameter).forEach(type -> check(type, unit.getFullName(), mentions));
    }
    unit.getExceptionTypes().forEach(type -> check(type, unit.getFullName(), mentions));
  }

  /** With the arguments of generic types. */
  private static Set<JavaClass> involved(JavaType type) {
    return type.getAllInvolvedRawTypes();
  }

  private static void check(JavaClass mentioned, String where, List<String> mentions) {
    if (wire(mentioned.getBaseComponentType())) {
      mentions.add(where + " mentions " + mentioned.getName());
    }
  }

  private static boolean wire(JavaClass type) {
    return resideInAnyPackage(WIRE).test(type);
  }
}
